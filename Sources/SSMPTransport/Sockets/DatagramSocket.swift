// Datagrams to one unix address.

import CEpoll
import Glibc

/// A unix datagram socket that sends to one address, by which a service manager is told things.
public struct DatagramSocket: Sendable {
  private let descriptor: Int32
  private let address: sockaddr_un
  private let length: socklen_t

  /// The longest wait for a receiver that does not read, in seconds.
  private static let patience = 1

  /// A socket that sends to `text`: the path of a unix socket, or `@` and an abstract name. `nil` when it is neither, or
  /// too long. It lives as long as the process.
  public init?(to text: String) throws(SystemError) {
    var bytes = Array(text.utf8)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard bytes.count > 1, bytes[0] == UInt8(ascii: "/") || bytes[0] == UInt8(ascii: "@"), !bytes.contains(0) else {
      return nil
    }
    // A path is ended by a zero, an abstract name begins with one.
    let isAbstract = bytes[0] == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 } else { bytes.append(0) }
    guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    self.address = address
    length = unsafe socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path).unsafelyUnwrapped + bytes.count)
    descriptor = try check("socket") { socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | ssmp_SOCK_CLOEXEC, 0) }
    var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Sends one datagram; waits for a second at most.
  public func send(_ text: String) throws(SystemError) {
    let bytes = Array(text.utf8)
    try check("sendto") {
      unsafe withUnsafePointer(to: address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe Int32(clamping: sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length))
        }
      }
    }
  }

  /// Closes the socket.
  public func close() {
    Glibc.close(descriptor)
  }
}
