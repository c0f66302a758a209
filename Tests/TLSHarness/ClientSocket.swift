// The TCP connection under a client.

import Foundation

/// Time that runs out.
struct Deadline {
  private let end: ContinuousClock.Instant

  init(_ milliseconds: Int32) {
    end = ContinuousClock.now + .milliseconds(Int(milliseconds))
  }

  /// What is left of it, in milliseconds.
  var remaining: Int32 {
    let left = ContinuousClock.now.duration(to: end)
    return left > .zero ? Int32(clamping: Int(left / .milliseconds(1)) + 1) : 0
  }
}

/// A TCP connection to a port of 127.0.0.1, which hands bytes over without looking at them.
final class ClientSocket {
  /// What reading can find.
  enum Input {
    case bytes([UInt8])
    case nothing
    case end
  }

  private let descriptor: Int32
  /// The size of the pieces that are handed to the kernel one by one, if bytes are not sent as they come.
  private let pieceSize: Int?

  init(port: UInt16, splitting: Int?) throws {
    pieceSize = splitting.map { max(1, $0) }
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor != -1 else { throw TLSFailure("no socket: \(errno)") }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    // Bounds the time of connecting, too.
    var limit = timeval(tv_sec: Int(TLSClient.patience) / 1000, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    // The descriptor is closed by `deinit`: every property has its value.
    guard result == 0 else { throw TLSFailure("cannot connect: \(errno)") }
  }

  deinit {
    close(descriptor)
  }

  /// Sends everything, unless the server has gone or takes nothing for as long as `TLSClient.patience`.
  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(pieceSize ?? rest.count)
      let count = piece.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// What comes next, waiting for it for so long at most.
  func receive(within milliseconds: Int32) -> Input {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, milliseconds) == 1 else { return .nothing }
    var piece = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &piece, piece.count, 0)
    return count > 0 ? .bytes(Array(piece[..<count])) : .end
  }

  /// Says that nothing more will be sent.
  func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Breaks the connection: Linux sends a reset when an association is dissolved.
  func reset() {
    var nowhere = sockaddr()
    nowhere.sa_family = sa_family_t(AF_UNSPEC)
    _ = connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
  }
}
