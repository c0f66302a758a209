// Addresses: written ones to listen on, and those of peers.

import Glibc

/// Where a server listens.
public enum SocketAddress: Equatable, Sendable {
  /// An IPv4 address, in network byte order, and a port.
  case ipv4(UInt32, port: UInt16)
  /// An IPv6 address and a port; the unspecified address takes IPv4 as well.
  case ipv6(IPv6Address, port: UInt16)
  /// The path of a unix socket.
  case unix(String)

  /// The sixteen bytes of an IPv6 address, as two big-endian halves.
  public struct IPv6Address: Hashable, BitwiseCopyable, Sendable {
    @usableFromInline let high: UInt64
    @usableFromInline let low: UInt64
  }

  /// The longest path of a unix socket.
  public static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// Every address of this machine, IPv4 and IPv6.
  public static func everywhere(port: UInt16) -> SocketAddress {
    .ipv6(IPv6Address(high: 0, low: 0), port: port)
  }

  /// Reads `127.0.0.1:8787`, `[::1]:8787` or `*:8787`; `nil` for anything else. Names are not looked up: a server must not
  /// depend on a resolver to start.
  public init?(internet text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    // `UInt16` would take a sign, too.
    guard digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let port = UInt16(digits) else { return nil }
    let host = String(text[..<colon])
    if host == "*" {
      self = .everywhere(port: port)
      return
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      var address = in6_addr()
      guard inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1 else { return nil }
      self = .ipv6(IPv6Address(address), port: port)
      return
    }
    var address = in_addr()
    guard inet_pton(AF_INET, host, &address) == 1 else { return nil }
    self = .ipv4(address.s_addr, port: port)
  }

  /// True when only this machine can connect.
  public var isLocal: Bool {
    switch self {
    case .ipv4(let address, _): UInt32(bigEndian: address) >> 24 == 127
    case .ipv6(let address, _): address.high == 0 && address.low == 1
    case .unix: true
    }
  }

  /// Calls `body` with the address in the form that `bind` wants.
  func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    switch self {
    case .ipv4(let address, let port):
      var value = sockaddr_in()
      value.sin_family = sa_family_t(AF_INET)
      value.sin_port = port.bigEndian
      value.sin_addr.s_addr = address
      return rebound(&value, body)
    case .ipv6(let address, let port):
      var value = sockaddr_in6()
      value.sin6_family = sa_family_t(AF_INET6)
      value.sin6_port = port.bigEndian
      value.sin6_addr = address.raw
      return rebound(&value, body)
    case .unix(let path):
      var value = sockaddr_un()
      value.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &value.sun_path) { $0.copyBytes(from: path.utf8.prefix(Self.longestPath)) }
      return rebound(&value, body)
    }
  }

  private func rebound<Value, Result>(
    _ value: inout Value, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: &value) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Value>.size)) }
    }
  }

  var family: Int32 {
    switch self {
    case .ipv4: AF_INET
    case .ipv6: AF_INET6
    case .unix: AF_UNIX
    }
  }
}

extension SocketAddress: CustomStringConvertible {
  /// The address as it is written in settings, without the scheme.
  public var description: String {
    switch self {
    case .ipv4(let address, let port): "\(Self.text(ipv4: address)):\(port)"
    case .ipv6(let address, let port): "[\(address)]:\(port)"
    case .unix(let path): path
    }
  }

  static func text(ipv4 address: UInt32) -> String {
    var raw = in_addr(s_addr: address)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET_ADDRSTRLEN)) { buffer in
      inet_ntop(AF_INET, &raw, buffer.baseAddress, socklen_t(INET_ADDRSTRLEN)).map { String(cString: $0) } ?? "?"
    }
  }
}

extension SocketAddress.IPv6Address: CustomStringConvertible {
  init(_ raw: in6_addr) {
    (high, low) = withUnsafeBytes(of: raw) {
      (
        UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  var raw: in6_addr {
    var value = in6_addr()
    withUnsafeMutableBytes(of: &value) {
      $0.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
      $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return value
  }

  /// The usual short form.
  public var description: String {
    var raw = self.raw
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      inet_ntop(AF_INET6, &raw, buffer.baseAddress, socklen_t(INET6_ADDRSTRLEN)).map { String(cString: $0) } ?? "?"
    }
  }
}
