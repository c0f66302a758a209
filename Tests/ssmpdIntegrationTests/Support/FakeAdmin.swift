// An admin socket that answers what no server would.

import Foundation
import Testing

/// Answers each request to a unix socket as the test says.
final class FakeAdmin: @unchecked Sendable {
  let path = TemporaryFile.newPath()
  private let listener: Int32

  /// Begins to listen.
  ///
  /// - Parameter answer: is given the first line of each connection and of each command, and returns what is sent; `nil`
  ///   closes the connection without a word.
  init(_ answer: @escaping @Sendable (String) -> String?) throws {
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0 && listen(listener, 64) == 0, "the fake admin socket cannot listen: \(errno)")
    let descriptor = listener
    Foundation.Thread.detachNewThread {
      while true {
        let client = accept(descriptor, nil, nil)
        guard client >= 0 else { return }
        Foundation.Thread.detachNewThread { Self.serve(client, answer) }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    unlink(path)
  }

  private static func serve(_ client: Int32, _ answer: (String) -> String?) {
    defer { close(client) }
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(client, &buffer, buffer.count)
      guard count > 0 else { return }
      received += buffer[..<count]
      while let end = received.firstIndex(of: 10) {
        let line = String(decoding: received[..<end], as: UTF8.self).replacing("\r", with: "")
        received.removeFirst(end + 1)
        guard let text = answer(line) else { return }
        let bytes = Array(text.utf8)
        _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if line.hasPrefix("GET ") { return }
      }
    }
  }
}
