// When a loop adopts other settings.

/// Settings that were published are adopted when what the registry may have put into this loop's logs before has been
/// delivered: under smaller marks the loop could close connections that read what they are sent.
struct SettingsAdoption {
  /// Which publication was noticed last.
  private(set) var generation = 0
  /// How often the log has been taken.
  private var logsTaken: UInt64 = 0
  /// How often it must have been before the settings are adopted; `nil` when there are none to adopt.
  private var due: UInt64?

  /// True when settings wait to be adopted.
  var isWaiting: Bool { due != nil }
  /// True when they can be.
  var isDue: Bool { due.map { logsTaken >= $0 } ?? false }

  /// Settings have been published, perhaps others than those that are known.
  mutating func notice(_ published: Int) {
    guard published != generation else { return }
    generation = published
    // One log may be in hand, and one is the registry's.
    due = logsTaken + 2
  }

  /// A log has been taken. An empty one shows that nothing is left from before, as two others would.
  mutating func noteLog(isEmpty: Bool) {
    logsTaken += isEmpty ? 2 : 1
  }

  /// The settings have been adopted.
  mutating func end() {
    due = nil
  }
}
