// On what occasion files are read, and what is odd about them.

/// One reading of the files that settings name: what is wrong ends it, what is only odd is noted.
struct FileReading {
  enum Occasion {
    /// A server starts: there is nothing else that could be in force, so only what cannot work is wrong.
    case start
    /// `--check`, which finds what a start or a reload would not take.
    case check
    /// A server runs, and what is in force can stay.
    case reload
  }

  let occasion: Occasion
  /// What is probably not meant, one line each.
  private(set) var oddities: [String] = []
  /// The first file of which a part may be missing.
  private var half: ConfigurationError?

  init(_ occasion: Occasion) {
    self.occasion = occasion
  }

  /// True when a pipe is read, too, for which a server that is running cannot wait.
  var mayWait: Bool { occasion != .reload }

  mutating func note(_ oddity: String) { oddities.append(oddity) }

  /// A part of a file may be missing. A start has nothing older to fall back on, so there it is only noted; else `finish` says
  /// so, after all that would tell more.
  mutating func noteHalf(_ fault: ConfigurationError) {
    if occasion == .start { return note("\(fault); a reload would refuse it") }
    if half == nil { half = fault }
  }

  /// To be called when all files have been read, and nothing else is wrong.
  func finish() throws(ConfigurationError) {
    if let half { throw half }
  }
}
