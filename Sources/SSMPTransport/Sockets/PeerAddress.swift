// Where a connection comes from.

import Glibc

/// The address of a peer, without its port: what limits and logs go by.
public enum PeerAddress: Hashable, BitwiseCopyable, Sendable, CustomStringConvertible {
  /// An IPv4 address, in network byte order; also one that came in over an IPv6 socket.
  case ipv4(UInt32)
  /// An IPv6 address.
  case ipv6(SocketAddress.IPv6Address)
  /// Somebody on this machine, over a unix socket.
  case local

  /// What limits by address count together: an IPv6 subscriber has a whole /64 of addresses at hand.
  public var limitKey: PeerAddress {
    guard case .ipv6(let address) = self else { return self }
    return .ipv6(SocketAddress.IPv6Address(high: address.high, low: 0))
  }

  /// The address in 128 bits, for hashing. Hardly any two peers have the same.
  @inlinable public var words: (high: UInt64, low: UInt64) {
    switch self {
    case .ipv4(let address): (0, 0xffff_0000_0000 | UInt64(address))
    case .ipv6(let address): (address.high, address.low)
    case .local: (0, 0)
    }
  }

  /// The address as logs show it.
  public var description: String {
    switch self {
    case .ipv4(let address): SocketAddress.text(ipv4: address)
    case .ipv6(let address): "[\(address)]"
    case .local: "unix"
    }
  }

  /// The peer in `storage`, as `accept` has filled it in, and its port.
  static func read(_ storage: sockaddr_storage) -> (PeerAddress, UInt16) {
    unsafe withUnsafePointer(to: storage) { pointer in
      switch Int32(storage.ss_family) {
      case AF_INET:
        return unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          unsafe (.ipv4($0.pointee.sin_addr.s_addr), UInt16(bigEndian: $0.pointee.sin_port))
        }
      case AF_INET6:
        return unsafe pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          let address = unsafe SocketAddress.IPv6Address($0.pointee.sin6_addr)
          let port = unsafe UInt16(bigEndian: $0.pointee.sin6_port)
          let isMapped = address.high == 0 && address.low >> 32 == 0xffff
          return (isMapped ? .ipv4(UInt32(truncatingIfNeeded: address.low).bigEndian) : .ipv6(address), port)
        }
      default:
        return (.local, 0)
      }
    }
  }
}
