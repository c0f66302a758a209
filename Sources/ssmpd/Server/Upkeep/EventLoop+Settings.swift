// Other settings, as far as a loop is concerned.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Notices that other settings have been published. They are adopted when what the registry may have put into this loop's
  /// logs before that has been delivered: under smaller marks it could close connections that read what they are sent.
  mutating func noticeSettings() {
    let generation = hub.settingsGeneration.load(ordering: .acquiring)
    guard generation != settingsGeneration else { return }
    settingsGeneration = generation
    // One log may be in hand, and one is the registry's.
    settingsDue = logsTaken + 2
  }

  /// Adopts the settings that were published last, once they are due.
  mutating func adoptSettings() {
    guard let settingsDue, logsTaken >= settingsDue else { return }
    let (adopted, generation) = hub.publishedSettings()
    // Others were published meanwhile, and are noticed with the next turn.
    guard generation == settingsGeneration else { return }
    self.settingsDue = nil
    let before = settings
    settings = adopted
    hub.noteAdoption(of: generation)
    if adopted.pingInterval < before.pingInterval { spreadPings() }
    // Whoever is over another limit is looked for, although nothing has come.
    publishedPending = -1
  }

  /// With a shorter interval many are late for their PING at once, and in step for ever after; so they are spread over the
  /// interval anew.
  private mutating func spreadPings() {
    let slots = (0..<UInt32(connections.numbersGiven)).filter { deadlines.liveness.kind(of: $0) == Deadlines.ping }
    let interval = UInt64(settings.pingInterval)
    for (number, slot) in slots.enumerated() {
      // Those that come first in the list began first.
      let since = interval - interval * UInt64(number) / UInt64(slots.count)
      deadlines.liveness.set(slot, Deadlines.ping, since: now.before(UInt32(since)))
    }
  }
}
