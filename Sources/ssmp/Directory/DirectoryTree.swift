// The directory that is the interface.

import CommandLineTools
import Glibc
import SSMPClient
import SSMPTransport

/// The files and directories of `ssmp fs`, and what they say.
actor DirectoryTree {
  /// What the subscriptions depend on.
  enum Occasion: Sendable {
    case state(SSMPClient.State)
    /// A directory of a topic has come, or is gone.
    case topics
    /// The server has ended a subscription, or its events came too fast.
    case ended(ID, SSMPError)
  }

  let root: String
  let me: ID
  let settings: DirectorySettings
  /// The most FIFOs, each of which is a descriptor.
  let inputLimit: Int
  let watch: FIFOWatch
  let occasions: AsyncStream<Occasion>.Continuation
  /// Told when a listing is out of date.
  let listings: AsyncStream<Void>.Continuation

  var entries: [Place: DirectoryEntry] = [:]
  var numbers: [UInt64: DirectoryEntry] = [:]
  var lastNumber: UInt64 = 0
  var peerCount = 0
  var inputCount = 0
  var pending = PendingRequests()
  var buffer = [UInt8](repeating: 0, count: 16 << 10)
  /// The directories whose `members` or `presence` are to be written.
  var outdated: Set<Place> = []

  // MARK: Files

  var errors: AppendedFile
  var new: AppendedFile
  /// The messages of clients that have no directory.
  var others: AppendedFile
  var state: ReplacedFile
  var stateText = "connecting"
  private var notes = Throttle(burst: 20, interval: 1_000_000_000)
  private var lossNotes = Throttle(burst: 1, interval: 10_000_000_000)
  private var lossCount = 0

  init(
    _ root: String, me: ID, _ settings: DirectorySettings, _ occasions: AsyncStream<Occasion>.Continuation,
    _ listings: AsyncStream<Void>.Continuation
  ) throws {
    // The others are for the connection and for files.
    inputLimit = DescriptorLimit.raise() - 64
    (self.root, self.me, self.settings, self.occasions, self.listings) = (root, me, settings, occasions, listings)
    watch = try FIFOWatch()
    errors = AppendedFile("\(root)/errors", limit: settings.outSize)
    new = AppendedFile("\(root)/new", limit: settings.outSize)
    others = AppendedFile("\(root)/others", limit: settings.outSize)
    state = ReplacedFile("\(root)/state")
  }

  /// Makes what there is in any such directory, and takes over what an earlier run has left behind.
  func begin(_ topics: [ID]) throws(SystemError) {
    for name in Place.kinds.map(\.name) + ["broadcast"] { try FileSystem.makeDirectory("\(root)/\(name)") }
    for file in [errors, new] { try file.touch() }
    try ReplacedFile.replace("\(root)/me", Array("\(me)\n".utf8))
    try state.write(Array("\(stateText)\n".utf8))
    adopt(.broadcast, isNew: false)
    for kind in Place.kinds { scan(kind.name, kind.place, isNew: false) }
    for topic in topics {
      try FileSystem.makeDirectory("\(root)/\(Place.topic(topic).path)")
      adopt(.topic(topic), isNew: true)
    }
  }

  /// Says in `state` that the program has ended, and what it has not sent.
  func finish(_ text: String) {
    for entry in entries.values { drain(entry) }
    flushState(text)
    if lossCount > 0 { Diagnostics.note("\(lossCount) lines could not be written") }
  }

  // MARK: What goes wrong

  /// Says that something has failed: in `errors`, in the `out` of the place, and on standard error.
  func report(_ place: Place?, _ text: String) {
    let line = "\(Timestamp.now().text) \(place?.path ?? ".") \(text)\n"
    do throws(SystemError) {
      try errors.append(Array(line.utf8))
    } catch {
      lost(error, "errors")
    }
    if let entry = place.flatMap({ entries[$0] }) { append(LogLine.notice(text), to: entry) }
    guard let suppressed = notes.admit() else { return }
    if suppressed > 0 { Diagnostics.note("\(suppressed) more errors are in '\(root.printable)/errors'") }
    Diagnostics.note("\(place.map { "\($0.path): " } ?? "")\(text.printable)")
  }

  /// Notes that a line could not be written, and says so once in ten seconds.
  func lost(_ error: SystemError, _ path: String) {
    lossCount += 1
    guard lossNotes.admit() != nil else { return }
    Diagnostics.note(
      "\(lossCount) lines could not be written, the last to '\(path.printable)': \(error.reason); going on")
    lossCount = 0
  }
}
