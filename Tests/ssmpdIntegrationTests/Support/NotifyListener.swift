// What a service manager hears.

import Foundation
import Testing

/// A unix datagram socket in the place of systemd's.
final class NotifyListener: @unchecked Sendable {
  /// What `NOTIFY_SOCKET` is to say.
  let address: String
  private let descriptor: Int32
  /// Everything that has come, and when.
  private(set) var messages: [(text: String, at: Date)] = []

  /// - Parameter isAbstract: whether it has an abstract name instead of a path.
  init(isAbstract: Bool = false) throws {
    let path = TemporaryFile.newPath()
    address = (isAbstract ? "@" : "") + path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let bytes = (isAbstract ? [0] : []) + Array(path.utf8)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(2 + bytes.count + (isAbstract ? 0 : 1))
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, length) }
    }
    try #require(result == 0, "bind: \(errno)")
  }

  deinit {
    close(descriptor)
    if address.hasPrefix("/") { unlink(address) }
  }

  /// The next message; `nil` when none comes in time.
  func next(within milliseconds: Int32 = 20_000) -> String? {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, milliseconds) == 1 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    let text = String(decoding: buffer[..<count], as: UTF8.self)
    messages.append((text, Date()))
    return text
  }

  /// The next message that has a line with this beginning.
  @discardableResult
  func wait(for line: String, within seconds: Double = 20) throws -> String {
    let deadline = Date() + seconds
    while Date() < deadline {
      guard let text = next(within: Int32(max(0, deadline.timeIntervalSinceNow) * 1000)) else { break }
      if text.split(separator: "\n").contains(where: { $0.hasPrefix(line) }) { return text }
    }
    throw TestFailure("no '\(line)' came within \(seconds) s, but \(messages.map(\.text))")
  }
}
