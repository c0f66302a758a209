// One operator's connection: lines in, lines out.

import SSMPTransport

/// A connection to the admin socket, or one that asks for metrics, with a thread of its own. It may wait as long as it
/// likes: nobody else waits for it.
struct AdminConnection: ~Copyable {
  let socket: PatientSocket
  private let places: AdminPlaces
  private let number: Int
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  /// Nothing more can be sent.
  private(set) var isBroken = false
  private var hasEnded = false

  /// What is gathered before it is sent.
  private static let outputSize = 16 << 10
  /// How long a peer may take nothing.
  private static let patience: UInt32 = 30_000

  /// A connection that has the place `number`, and gives it up at its end.
  init(_ descriptor: Int32, in places: AdminPlaces, _ number: Int) {
    socket = PatientSocket(descriptor)
    self.places = places
    self.number = number
  }

  deinit {
    places.leave(number)
    Socket.close(socket.descriptor)
  }

  /// The next line, which may be a part of a request only: the place is kept as long as nobody else needs it.
  mutating func part(limit: Int, within milliseconds: UInt32) -> Line {
    // A request that has come whole is answered all the same, but its rest is not waited for.
    let line = places.isEvicted(number) ? readyLine(limit: limit) : line(limit: limit, within: milliseconds)
    if let line, case .line = line { return line }
    return places.isEvicted(number) ? .evicted : line ?? .late
  }

  /// A request is complete: the place is kept while it is answered; false when it has been taken already.
  func beginAnswer() -> Bool { places.work(number) }

  /// The request is answered, and the next one waited for.
  func endAnswer() { places.wait(number) }

  /// What has come makes this the connection of an operator; false when there are enough of those.
  func becomeOperator() -> Bool { places.becomeOperator(number) }

  /// What a wait for a line came to.
  enum Line: Equatable {
    case line(String)
    /// The line is longer than any that is accepted.
    case tooLong
    /// The peer has ended.
    case end
    /// The peer has not said a line in time.
    case late
    /// Another connection has taken the place.
    case evicted
  }

  /// The next line, without its end. A last one without an end counts, too.
  ///
  /// - Parameter milliseconds: the longest wait in all; `nil` means for ever.
  mutating func line(limit: Int, within milliseconds: UInt32? = nil) -> Line {
    let watch = Stopwatch()
    while true {
      if let line = takeLine(limit: limit) { return line }
      if hasEnded {
        defer { input = [] }
        return input.isEmpty ? .end : .line(Self.text(input))
      }
      let passed = UInt32(clamping: watch.microseconds / 1000)
      if let milliseconds, passed >= milliseconds { return .late }
      guard PatientSocket.wait(reading: [socket.descriptor], milliseconds: milliseconds.map { $0 - passed }) != 0 else {
        continue
      }
      fill()
    }
  }

  /// A line that has come already. If the peer has ended, `end`, so that a tap stops. Otherwise
  /// `nil`.
  mutating func readyLine(limit: Int) -> Line? {
    fill()
    return takeLine(limit: limit) ?? (hasEnded ? .end : nil)
  }

  /// Adds lines to what is to be sent.
  mutating func write(_ lines: some Sequence<String>) {
    for line in lines { write(line) }
  }

  /// Adds a line to what is to be sent.
  mutating func write(_ line: String) {
    write(bytes: Array(line.utf8) + [10])
  }

  /// Adds bytes to what is to be sent, and sends when there are many.
  mutating func write(bytes: [UInt8]) {
    guard !isBroken else { return }
    output += bytes
    if output.count >= Self.outputSize { flush() }
  }

  /// Sends what there is. Waits for a peer that does not read, up to a time.
  mutating func flush() {
    // If another connection has taken the place, the server does not wait for this peer.
    let patience = places.isEvicted(number) ? 0 : Self.patience
    if !isBroken, !output.isEmpty, !socket.send(output, patience: patience) { isBroken = true }
    output.removeAll(keepingCapacity: true)
  }

  /// Says that nothing more will come, and waits a little for the peer's end: closing with input unread would take from it
  /// what it has not read yet. The place may be taken meanwhile, even before all is sent.
  ///
  /// - Parameter bytes: the last that is sent.
  mutating func finish(with bytes: [UInt8] = []) {
    places.wait(number, isSending: true)
    write(bytes: bytes)
    flush()
    Socket.endOutput(socket.descriptor)
    let watch = Stopwatch()
    while !hasEnded, watch.microseconds < Self.lingerTime {
      _ = PatientSocket.wait(reading: [socket.descriptor], milliseconds: UInt32(Self.lingerTime / 1000))
      fill()
      input = []
    }
  }

  /// In microseconds.
  private static let lingerTime: UInt64 = 1_000_000

  private mutating func fill() {
    let (result, bytes) = socket.receive(upTo: 4096)
    switch result {
    case .bytes: input += bytes
    case .wouldBlock: break
    case .ended: hasEnded = true
    case .failed: (hasEnded, isBroken) = (true, true)
    }
  }

  private mutating func takeLine(limit: Int) -> Line? {
    guard let end = input.firstIndex(of: 10) else { return input.count > limit + 1 ? .tooLong : nil }
    let length = end > 0 && input[end - 1] == 13 ? end - 1 : end
    defer { input.removeFirst(end + 1) }
    return length > limit ? .tooLong : .line(Self.text(input[..<length]))
  }

  private static func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
}
