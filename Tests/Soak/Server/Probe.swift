// A well-behaved connection that waits for what it asks for.

import SSMPTransport

/// One connection of the operator's, to see what a reload has changed.
final class Probe {
  private let descriptor: Int32
  private var tls: TLSStream?
  private var text: [UInt8] = []

  /// Connects; `nil` when the server does not take the connection.
  init?(to target: SocketAddress, _ context: TLSClientContext?) throws {
    descriptor = try OutgoingSocket.connect(to: target)
    _ = PatientSocket.wait(writing: descriptor, milliseconds: 10_000)
    guard let context else { return }
    let stream = TLSStream(descriptor, context)
    tls = stream
    for _ in 0..<100 {
      switch stream.handshake() {
      case .done: return
      case .failed: return nil
      case .blocked: _ = PatientSocket.wait(reading: [descriptor], milliseconds: 10_000)
      }
    }
    return nil
  }

  deinit {
    tls?.release()
    Socket.close(descriptor)
  }

  func say(_ line: String) {
    var bytes = Array("\(line)\n".utf8)
    bytes.withUnsafeMutableBytes {
      _ = tls?.send(UnsafeRawBufferPointer($0)) ?? Socket.send(descriptor, UnsafeRawBufferPointer($0))
    }
  }

  /// The next line that is not a PING, which it answers; `nil` when the connection has ended, or nothing came in time.
  func hear(seconds: Double = 10) -> String? {
    let deadline = MonotonicTime.nanoseconds() + UInt64(seconds * 1e9)
    while MonotonicTime.nanoseconds() < deadline {
      if let end = text.firstIndex(of: 10) {
        let line = String(decoding: text[..<end], as: UTF8.self)
        text.removeFirst(end + 1)
        guard line == "000 . PING" else { return line }
        say("PONG")
        continue
      }
      switch receive() {
      case .bytes: break
      case .wouldBlock: _ = PatientSocket.wait(reading: [descriptor], milliseconds: 100)
      case .ended, .failed:
        hasEnded = true
        return nil
      }
    }
    return nil
  }

  private(set) var hasEnded = false

  private func receive() -> Transfer {
    var result = Transfer.wouldBlock
    if let tls {
      text += [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
        result = tls.receive(into: UnsafeMutableRawBufferPointer(buffer))
        if case .bytes(let received) = result { count = received }
      }
    } else {
      let (transfer, bytes) = PatientSocket(descriptor).receive(upTo: 4096)
      result = transfer
      text += bytes
    }
    return result
  }
}
