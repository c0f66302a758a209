// Addresses: written ones to listen on, and those of peers.

import CEpoll
import Glibc

/// Where a server listens.
public enum SocketAddress: Equatable, Sendable {
  /// An IPv4 address, in network byte order, and a port.
  case ipv4(UInt32, port: UInt16)
  /// An IPv6 address and a port; the unspecified address takes IPv4 as well. A link-local address needs the index of a
  /// network interface, its scope; the scope of any other address is 0.
  case ipv6(IPv6Address, port: UInt16, scope: UInt32 = 0)
  /// The path of a unix socket.
  case unix(String)

  /// The sixteen bytes of an IPv6 address, as two big-endian halves.
  public struct IPv6Address: Hashable, BitwiseCopyable, Sendable {
    @usableFromInline let high: UInt64
    @usableFromInline let low: UInt64

    /// True for `fe80::/10`, whose addresses mean something on one link only.
    public var isLinkLocal: Bool { high >> 54 == 0xfe80 >> 6 }

    /// True for `::`, which stands for all addresses.
    public var isUnspecified: Bool { high == 0 && low == 0 }

    /// The IPv4 address of `::ffff:0:0/96`, in network byte order; `nil` for any other address.
    public var mappedIPv4: UInt32? {
      high == 0 && low >> 32 == 0xffff ? UInt32(truncatingIfNeeded: low).bigEndian : nil
    }
  }

  /// The longest path of a unix socket.
  public static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// Every address of this machine, IPv4 and IPv6.
  public static func everywhere(port: UInt16) -> SocketAddress {
    .ipv6(IPv6Address(high: 0, low: 0), port: port)
  }

  /// What takes the place of `everywhere` on a kernel without IPv6; `nil` for any other address.
  public var withoutIPv6: SocketAddress? {
    guard case .ipv6(let address, let port, _) = self, address.high == 0, address.low == 0 else { return nil }
    return .ipv4(0, port: port)
  }

  /// True when the kernel has IPv6, and lets this process use it.
  public static var hasIPv6: Bool {
    let probe = Glibc.socket(AF_INET6, Int32(SOCK_STREAM.rawValue) | ssmp_SOCK_CLOEXEC, 0)
    guard probe == -1 else {
      Socket.close(probe)
      return true
    }
    return errno != EAFNOSUPPORT
  }

  /// Reads `127.0.0.1:8787`, `[::1]:8787`, `[fe80::1%eth0]:8787` or `*:8787`; `nil` for anything else. Names are not looked up: a server must not
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
      guard let (address, scope) = Self.scoped(host.dropFirst().dropLast()) else { return nil }
      self = .ipv6(address, port: port, scope: scope)
      return
    }
    var address = in_addr()
    guard unsafe inet_pton(AF_INET, host, &address) == 1 else { return nil }
    self = .ipv4(address.s_addr, port: port)
  }

  /// The address that a resolver has found; `nil` for families other than IPv4 and IPv6.
  ///
  /// Invariant: `address` points to as many bytes as its family has.
  public init?(_ address: UnsafePointer<sockaddr>?) {
    guard let address = unsafe address else { return nil }
    let raw = unsafe UnsafeRawPointer(address)
    switch unsafe Int32(address.pointee.sa_family) {
    case AF_INET:
      let value = unsafe raw.loadUnaligned(as: sockaddr_in.self)
      self = .ipv4(value.sin_addr.s_addr, port: UInt16(bigEndian: value.sin_port))
    case AF_INET6:
      let value = unsafe raw.loadUnaligned(as: sockaddr_in6.self)
      self = .ipv6(IPv6Address(value.sin6_addr), port: UInt16(bigEndian: value.sin6_port), scope: value.sin6_scope_id)
    default: return nil
    }
  }

  /// Reads an IPv6 address without brackets, a link-local one with its interface by name or index: `fe80::1%eth0`; `nil`
  /// also for an interface that this machine lacks.
  private static func scoped(_ text: Substring) -> (IPv6Address, UInt32)? {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    var raw = in6_addr()
    guard unsafe inet_pton(AF_INET6, String(parts[0]), &raw) == 1 else { return nil }
    let address = IPv6Address(raw)
    guard parts.count == 2 else { return (address, 0) }
    guard address.isLinkLocal, let scope = interface(String(parts[1])) else { return nil }
    return (address, scope)
  }

  /// True for a link-local address without its interface, which the kernel does not bind or connect to.
  public var needsInterface: Bool {
    guard case .ipv6(let address, _, 0) = self else { return false }
    return address.isLinkLocal
  }

  /// The index of a network interface that is written as its name or its index; `nil` when this machine has none such.
  public static func interface(_ text: String) -> UInt32? {
    let index = unsafe if_nametoindex(text)
    if index != 0 { return index }
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let number = UInt32(text) else { return nil }
    return name(ofInterface: number) == nil ? nil : number
  }

  private static func name(ofInterface index: UInt32) -> String? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
      guard let base = buffer.baseAddress else { return nil }
      return unsafe if_indextoname(index, base).map { unsafe String(cString: $0) }
    }
  }

  /// True when only this machine can connect.
  public var isLocal: Bool {
    switch self {
    case .ipv4(let address, _): UInt32(bigEndian: address) >> 24 == 127
    case .ipv6(let address, _, _): address.high == 0 && address.low == 1
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
      return unsafe rebound(&value, body)
    case .ipv6(let address, let port, let scope):
      var value = sockaddr_in6()
      value.sin6_family = sa_family_t(AF_INET6)
      value.sin6_port = port.bigEndian
      value.sin6_addr = address.raw
      value.sin6_scope_id = scope
      return unsafe rebound(&value, body)
    case .unix(let path):
      var value = sockaddr_un()
      value.sun_family = sa_family_t(AF_UNIX)
      unsafe withUnsafeMutableBytes(of: &value.sun_path) {
        unsafe $0.copyBytes(from: path.utf8.prefix(Self.longestPath))
      }
      return unsafe rebound(&value, body)
    }
  }

  private func rebound<Value, Result>(
    _ value: inout Value, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    unsafe withUnsafePointer(to: &value) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<Value>.size))
      }
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
    case .ipv6(let address, let port, 0): "[\(address)]:\(port)"
    case .ipv6(let address, let port, let scope):
      "[\(address)%\(Self.name(ofInterface: scope) ?? "\(scope)")]:\(port)"
    case .unix(let path): path
    }
  }

  static func text(ipv4 address: UInt32) -> String {
    var raw = in_addr(s_addr: address)
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET_ADDRSTRLEN)) { buffer in
      unsafe inet_ntop(AF_INET, &raw, buffer.baseAddress, socklen_t(INET_ADDRSTRLEN)).map { unsafe String(cString: $0) }
        ?? "?"
    }
  }
}

extension SocketAddress.IPv6Address: CustomStringConvertible {
  init(_ raw: in6_addr) {
    (high, low) = unsafe withUnsafeBytes(of: raw) {
      unsafe (
        UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  var raw: in6_addr {
    var value = in6_addr()
    unsafe withUnsafeMutableBytes(of: &value) {
      unsafe $0.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
      unsafe $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return value
  }

  /// The usual short form.
  public var description: String {
    var raw = self.raw
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      unsafe inet_ntop(AF_INET6, &raw, buffer.baseAddress, socklen_t(INET6_ADDRSTRLEN)).map {
        unsafe String(cString: $0)
      } ?? "?"
    }
  }
}
