// One simulated client: a connection, its habits, and what is on its way.

import Containers
import FuzzHarness
import SSMPCore
import SSMPTransport

/// A connection of a simulated client. It moves bytes; what they mean is the group's business.
final class Client {
  enum State {
    case connecting, handshaking, open, closed
  }

  let session: Session
  let habits: Habits
  let descriptor: Int32
  let usesTLS: Bool
  private(set) var tls: TLSStream?
  private(set) var state = State.connecting
  var isReadable = false
  /// The server has shut its side, or broken the connection, behind what there is to read.
  private(set) var mayHaveEnded = false
  private var isWritable = false
  var output: [UInt8] = []
  private var written = 0
  /// When it reads again, after it has stopped.
  var stoppedUntil: UInt64 = 0
  /// When it writes its next piece.
  private var writesAt: UInt64 = 0
  /// It shuts its sending side down when everything is out.
  var halfCloses = false
  private var hasShutDown = false
  /// The beginning of a message whose end has not come.
  var rest = OwnedBytes()
  /// When it was opened, in nanoseconds.
  let openedAt: UInt64
  /// When all of LOGIN, and what followed it at once, had been handed to the kernel.
  private(set) var firstWritten: UInt64?
  /// Its own address, as the server's log shows it.
  let address: String

  init(
    _ session: Session, _ habits: Habits, to target: SocketAddress, from source: SocketAddress?, usesTLS: Bool,
    at time: UInt64
  )
    throws
  {
    (self.session, self.habits, self.usesTLS, openedAt) = (session, habits, usesTLS, time)
    descriptor = try OutgoingSocket.connect(to: target, from: source)
    address = SocketOptions.ownAddress(descriptor)
    if !habits.readsAll { SocketOptions.keepBuffersSmall(descriptor) }
  }

  var isOpen: Bool { state != .closed }
  var unwritten: Int { output.count - written }
  var isQuiet: Bool { unwritten == 0 && (!halfCloses || hasShutDown) }

  /// What the connection looks like, for reports.
  var situation: String {
    let tlsState =
      tls.map { ", TLS more=\($0.mayHaveMore) wants-output=\($0.wantsOutput) unfinished=\($0.unfinished)" } ?? ""
    let half = String(decoding: rest.bytes.prefix(200), as: UTF8.self).debugDescription
    return "\(state), readable=\(isReadable) writable=\(isWritable), \(unwritten) bytes unwritten, "
      + "\(SocketOptions.unread(descriptor)) unread in the kernel, \(rest.count) of half a message \(half)\(tlsState)"
  }

  func note(_ event: PollEvent) {
    if event.isReadable { isReadable = true }
    if event.mayReadShort { mayHaveEnded = true }
    if event.isWritable { isWritable = true }
  }

  /// Goes on with connecting; says what has gone wrong, if anything has.
  func advance(_ context: TLSClientContext?) -> String? {
    if state == .connecting {
      guard isWritable || isReadable else { return nil }
      if let failure = OutgoingSocket.failure(descriptor) { return "\(failure)" }
      if let context {
        // Whoever says nothing does not begin a handshake either.
        if session.isSilent, output.isEmpty {
          state = .open
          return nil
        }
        tls = TLSStream(descriptor, context)
        state = .handshaking
      } else {
        state = .open
      }
    }
    guard state == .handshaking, let tls, isReadable || isWritable else { return nil }
    switch tls.handshake() {
    case .done:
      state = .open
      isReadable = true
      isWritable = true
    case .blocked:
      isReadable = false
      isWritable = false
    case .failed(let failure): return "handshake: \(failure.description)"
    }
    return nil
  }

  /// Writes as much as its habits and the kernel allow; says what has gone wrong, if anything has.
  func write(_ random: inout Chance, at time: UInt64, inHaste: Bool) -> String? {
    guard state == .open, isWritable, time >= writesAt || inHaste else { return nil }
    while written < output.count {
      let size = inHaste ? Int.max : pieceSize(&random)
      let length = tls.map { $0.unfinished > 0 ? $0.unfinished : min(size, TLSStream.recordSize) } ?? size
      let end = min(output.count, written + min(length, output.count))
      let result = output.withUnsafeBytes { bytes in
        let piece = UnsafeRawBufferPointer(rebasing: bytes[written..<end])
        return tls?.send(piece) ?? Socket.send(descriptor, piece)
      }
      switch result {
      case .bytes(let count): written += count
      case .wouldBlock, .ended:
        isWritable = false
        return nil
      case .failed(let code): return SystemError("send", code: code).reason
      }
      guard inHaste || size == .max else {
        writesAt = time + UInt64(random.below(3_000_000))
        break
      }
    }
    if written == output.count {
      if written > 0 { firstWritten = firstWritten ?? time }
      output.removeAll(keepingCapacity: true)
      written = 0
      if halfCloses, !hasShutDown { shutDown() }
    } else if written > 1 << 16 {
      output.removeFirst(written)
      written = 0
    }
    return nil
  }

  private func pieceSize(_ random: inout Chance) -> Int {
    switch habits.writes {
    case .whole: .max
    case .crumbs: 1 + random.below(6)
    case .pieces: 1 + random.below(random.pick([30, 300, 3000]))
    }
  }

  private func shutDown() {
    hasShutDown = true
    _ = tls?.endOutput()
    Socket.endOutput(descriptor)
  }

  /// Closes the connection.
  ///
  /// - Parameter abruptly: by a reset, which throws away what is on its way.
  func close(abruptly: Bool = false) {
    guard state != .closed else { return }
    state = .closed
    if abruptly { SocketOptions.resetOnClose(descriptor) }
    tls?.release()
    tls = nil
    Socket.close(descriptor)
    rest.release()
    output = []
    written = 0
  }
}
