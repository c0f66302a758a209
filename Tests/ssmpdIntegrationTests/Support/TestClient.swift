// A client that says and expects exact bytes.

import Foundation
import TLSHarness
import Testing

/// A blocking connection to a server under test. Whatever is waited for is waited for only so long (`patience`).
final class TestClient: @unchecked Sendable {
  let descriptor: Int32
  /// What has come and not been looked at begins at `start`: readers in floods must keep up.
  private var buffer: [UInt8] = []
  private var start = 0
  private(set) var hasEnded = false
  /// The errno of what broke the connection; 0 when nothing has.
  private(set) var error: Int32 = 0

  private var received: ArraySlice<UInt8> { buffer[start...] }

  /// Takes the first bytes off.
  private func take(_ count: Int) -> [UInt8] {
    let taken = Array(received.prefix(count))
    start += taken.count
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: true)
      start = 0
    }
    return taken
  }

  /// In milliseconds. On a busy machine a server takes its time, a sanitized one even more.
  static let patience = TLSClient.patience

  /// The same in seconds.
  static let seconds = Double(patience) / 1000

  /// Connects over TCP.
  ///
  /// - Parameter receiveBuffer: a size for the kernel's receive buffer, for clients that shall not take much.
  init(port: UInt16, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    try #require(descriptor != -1, "no socket: \(errno)")
    if var size = receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(result == 0, "cannot connect: \(errno)")
  }

  /// Connects to a unix socket.
  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0, "cannot connect: \(errno)")
  }

  /// Connects to ::1.
  init(ipv6Port port: UInt16) throws {
    descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    address.sin6_addr = in6addr_loopback
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
      }
    }
    try #require(result == 0, "cannot connect: \(errno)")
  }

  deinit {
    close(descriptor)
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  /// Sends everything, unless the server has gone.
  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Sends what the kernel takes at once; returns how much.
  func sendSome(_ bytes: [UInt8]) -> Int {
    max(
      0, bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) })
  }

  /// Sends one byte as urgent data, outside the stream.
  func sendUrgent(_ byte: UInt8) {
    _ = withUnsafePointer(to: byte) { Glibc.send(descriptor, $0, 1, Int32(MSG_OOB)) }
  }

  /// Says that nothing more will be sent.
  func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Breaks the connection: the server sees a reset, since that is what Linux makes of dissolving an association.
  func reset() {
    var nowhere = sockaddr()
    nowhere.sa_family = sa_family_t(AF_UNSPEC)
    _ = Glibc.connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    hasEnded = true
  }

  /// Expects exactly these bytes next; false when something else comes.
  @discardableResult
  func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
    expect(Array(text.utf8), sourceLocation: sourceLocation)
  }

  @discardableResult
  func expect(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
    // Bytes that differ are not waited behind.
    while received.count < bytes.count, bytes.starts(with: received), fill(Self.patience) {}
    let got = take(bytes.count)
    guard got != bytes else { return true }
    #expect(escaped(got) == escaped(bytes), sourceLocation: sourceLocation)
    return false
  }

  /// The next line, with its LF.
  func line(within milliseconds: Int32 = TestClient.patience) throws -> String {
    while true {
      if let length = lineLength() { return String(decoding: take(length), as: UTF8.self) }
      try #require(fill(milliseconds), "no line came: '\(escaped(Array(received)))'")
    }
  }

  private func lineLength() -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let end = memchr(base + start, 10, bytes.count - start) else { return nil }
      return UnsafeRawPointer(end) - base - start + 1
    }
  }

  /// Expects the end of the connection, and nothing before it.
  @discardableResult
  func expectEnd(
    within milliseconds: Int32 = TestClient.patience, sourceLocation: SourceLocation = #_sourceLocation
  ) -> Bool {
    while fill(milliseconds) {}
    #expect(escaped(Array(received)) == "", sourceLocation: sourceLocation)
    #expect(hasEnded, "the connection has not been closed", sourceLocation: sourceLocation)
    return received.isEmpty && hasEnded
  }

  /// Expects that the connection is open and that nothing has been sent: an answer to PING is the next thing to come.
  @discardableResult
  func expectQuiet(sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
    send("PING\n")
    return expect("000 . PONG\n", sourceLocation: sourceLocation)
  }

  /// Expects that nothing comes for a while.
  func expectNothing(for milliseconds: Int32, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(!fill(milliseconds), "'\(escaped(Array(received)))' came", sourceLocation: sourceLocation)
    #expect(!hasEnded, "the connection was closed", sourceLocation: sourceLocation)
  }

  /// Everything that comes until the connection ends or nothing comes for so long.
  func readAll(quietFor milliseconds: Int32 = TestClient.patience) -> [UInt8] {
    while fill(milliseconds) {}
    return take(received.count)
  }

  /// Reads and forgets some of what has come.
  func skipSome() {
    for _ in 0..<4 where !fill(0) { break }
    _ = take(received.count)
  }

  /// Reads something more; false when nothing came in time, or the connection has ended.
  @discardableResult
  func fill(_ milliseconds: Int32) -> Bool {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard !hasEnded, poll(&ready, 1, milliseconds) == 1 else { return false }
    var piece = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else {
      if count < 0 { error = errno }
      hasEnded = true
      return false
    }
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer += piece[..<count]
    return true
  }
}

/// Bytes as vectors write them.
func escaped(_ bytes: [UInt8]) -> String {
  bytes.map { byte in
    switch byte {
    case 10: "\\n"
    case 13: "\\r"
    case 92: "\\\\"
    case 32...126: String(UnicodeScalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }.joined()
}
