// Options of sockets that only a troublemaker wants.

import Glibc

/// Socket options of clients that behave badly.
enum SocketOptions {
  /// Lets the kernel hold little of what the client does not read. With less than a few segments, which on the loopback interface
  /// have 64 KiB, TCP sends nothing but probes of the window, a few in a second.
  static func keepBuffersSmall(_ descriptor: Int32) {
    var size: Int32 = 96 << 10
    _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    hearOfResets(descriptor)
  }

  /// Lets the kernel ask the server's kernel each second whether the connection still exists. If a receive buffer is full, the
  /// client's kernel drops a reset that comes behind data it has dropped. A client that only reads then waits for ever.
  private static func hearOfResets(_ descriptor: Int32) {
    let length = socklen_t(MemoryLayout<Int32>.size)
    var (isOn, seconds): (Int32, Int32) = (1, 1)
    _ = setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &isOn, length)
    _ = setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, &seconds, length)
    _ = setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, &seconds, length)
  }

  /// The bytes that have come and that nobody has read.
  static func unread(_ descriptor: Int32) -> Int {
    var count: Int32 = 0
    return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
  }

  /// The client's address, as the server's log shows it.
  static func ownAddress(_ descriptor: Int32) -> String {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard result == 0, address.sin_family == sa_family_t(AF_INET) else { return "unix" }
    let bytes = withUnsafeBytes(of: address.sin_addr.s_addr) { $0.map { "\($0)" } }
    return "\(bytes.joined(separator: ".")):\(UInt16(bigEndian: address.sin_port))"
  }

  /// Lets `close` reset the connection.
  static func resetOnClose(_ descriptor: Int32) {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}
