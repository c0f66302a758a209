// Sockets that accept connections.

import CEpoll
import Glibc

/// A connection that was accepted.
public struct AcceptedSocket: Sendable {
  /// Its descriptor, non-blocking and closed on exec; it belongs to whoever holds this value.
  public let descriptor: Int32
  /// Where it comes from.
  public let peer: PeerAddress
  /// The peer's port; 0 for a unix socket.
  public let port: UInt16
}

/// What an attempt to accept came to.
public enum Acceptance: Sendable {
  /// A connection.
  case accepted(AcceptedSocket)
  /// Nobody is waiting.
  case none
  /// The connection was gone before it could be accepted; there may be others.
  case gone
  /// The process or the machine has no descriptor or no memory left for it.
  case exhausted
}

/// A listening socket. It lives as long as the process.
public struct ListeningSocket: Sendable {
  /// What the acceptor's poller watches.
  public let descriptor: Int32
  /// Where it listens, with the port that the kernel chose where 0 was asked for.
  public let address: SocketAddress

  /// True when another process has bound it, and keeps it.
  public let isInherited: Bool

  /// True when all addresses were asked for, and the kernel has no IPv6: it listens on those of IPv4.
  public let lacksIPv6: Bool

  /// The file of a unix socket that was bound here: its path may belong to another server by now.
  private let file: FileIdentity?

  /// The connections that may wait to be accepted; the kernel cuts it to its own limit (`net.core.somaxconn`).
  static let backlog: Int32 = 4096

  /// Binds and listens.
  ///
  /// - Parameter isPrivate: a unix socket can be connected to by nobody but the owner of the process. Files that another
  ///   thread makes in the same instant are private, too.
  public init(_ wanted: SocketAddress, isPrivate: Bool = false) throws(SystemError) {
    try self.init(wanted, isPrivate: isPrivate) { Glibc.socket($0, $1, 0) }
  }

  /// The same with another way to make a socket, of a family and a kind, as `socket` does.
  init(
    _ asked: SocketAddress, isPrivate: Bool = false, makeSocket: (Int32, Int32) -> Int32
  ) throws(SystemError) {
    if case .unix(let path) = asked { Self.removeStale(path) }
    let kind = Int32(SOCK_STREAM.rawValue) | ssmp_SOCK_NONBLOCK | ssmp_SOCK_CLOEXEC
    var wanted = asked
    var socket = retrying { makeSocket(wanted.family, kind) }
    if socket == -1, errno == EAFNOSUPPORT, let other = asked.withoutIPv6 {
      wanted = other
      socket = retrying { makeSocket(wanted.family, kind) }
    }
    guard socket != -1 else { throw SystemError("socket") }
    var file: FileIdentity?
    do throws(SystemError) {
      if case .unix = wanted {
      } else {
        try set(SOL_SOCKET, SO_REUSEADDR, 1, on: socket)
        // What it accepts inherits this, which saves two calls for each connection.
        Socket.sendAtOnce(socket)
      }
      if case .ipv6 = wanted { try set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0, on: socket) }
      // From its first instant on, which a change of its mode would not be.
      let mask = isPrivate ? umask(0o177) : 0
      defer { if isPrivate { _ = umask(mask) } }
      try check("bind") { unsafe wanted.withSockaddr { unsafe Glibc.bind(socket, $0, $1) } }
      if case .unix(let path) = wanted { file = FileIdentity(path) }
      try check("listen") { Glibc.listen(socket, Self.backlog) }
    } catch {
      file?.remove()
      Socket.close(socket)
      throw error
    }
    descriptor = socket
    address = wanted.withPort(of: socket)
    isInherited = false
    lacksIPv6 = wanted != asked
    self.file = file
  }

  /// Takes over a socket that another process has bound, and keeps; `nil` when it is none that accepts streams of bytes over
  /// TCP or a unix socket.
  public init?(inherited descriptor: Int32) {
    guard Self.option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue),
      Self.option(SO_ACCEPTCONN, of: descriptor) == 1, let address = SocketAddress(of: descriptor)
    else { return nil }
    // The first is this descriptor's own, the second the socket's, which whoever keeps it does not mind.
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    if case .unix = address {} else { Socket.sendAtOnce(descriptor) }
    self.descriptor = descriptor
    self.address = address
    isInherited = true
    lacksIPv6 = false
    file = nil
  }

  private static func option(_ name: Int32, of socket: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(socket, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
  }

  /// Accepts one connection, ready to be polled, without delay for small segments.
  public func accept() -> Acceptance {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = retrying {
      unsafe withUnsafeMutablePointer(to: &storage) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe accept4(descriptor, $0, &length, ssmp_SOCK_NONBLOCK | ssmp_SOCK_CLOEXEC)
        }
      }
    }
    guard result == -1 else {
      let (peer, port) = PeerAddress.read(storage)
      return .accepted(AcceptedSocket(descriptor: result, peer: peer, port: port))
    }
    switch errno {
    case EAGAIN: return .none
    // What accept(2) passes on of the connection that it was to return.
    case ECONNABORTED, ENETDOWN, EPROTO, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, EPERM:
      return .gone
    // EMFILE, ENFILE, ENOBUFS, ENOMEM; and whatever else may last, so that nobody tries again at once.
    default: return .exhausted
    }
  }

  /// Stops listening. The file of a unix socket is removed if it is still the one that was made here. An inherited socket
  /// is only let go: the process that keeps it goes on listening.
  public func close() {
    // While the socket is open the kernel keeps the file's inode, so no other file can have got its number.
    file?.remove()
    Glibc.close(descriptor)
  }

  /// Removes a unix socket that nobody listens on, which a process that was killed leaves behind.
  private static func removeStale(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    let probe = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | ssmp_SOCK_CLOEXEC | ssmp_SOCK_NONBLOCK, 0)
    guard probe != -1 else { return }
    defer { Glibc.close(probe) }
    let result = unsafe SocketAddress.unix(path).withSockaddr { unsafe connect(probe, $0, $1) }
    if result == -1, errno == ECONNREFUSED { unsafe unlink(path) }
  }
}

/// A file, by its path and by what the kernel tells it from others.
private struct FileIdentity: Sendable {
  let path: String
  let device: dev_t
  let inode: ino_t

  /// `nil` when there is no file.
  init?(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    self.path = path
    device = status.st_dev
    inode = status.st_ino
  }

  /// Removes the file, unless another one has come into its place.
  func remove() {
    guard let present = FileIdentity(path), present.device == device, present.inode == inode else { return }
    unsafe unlink(path)
  }
}

private func set(_ level: Int32, _ option: Int32, _ value: Int32, on socket: Int32) throws(SystemError) {
  var value = value
  try check("setsockopt") { unsafe setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) }
}

extension SocketAddress {
  /// The address that `socket` is bound to, an abstract one as `@NAME`; `nil` when it is of another family, or bound to none.
  fileprivate init?(of socket: Int32) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = unsafe withUnsafeMutablePointer(to: &storage) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(socket, $0, &length) }
    }
    guard result == 0 else { return nil }
    switch Int32(storage.ss_family) {
    case AF_INET:
      self = unsafe withUnsafeBytes(of: storage) {
        let value = unsafe $0.loadUnaligned(as: sockaddr_in.self)
        return .ipv4(value.sin_addr.s_addr, port: UInt16(bigEndian: value.sin_port))
      }
    case AF_INET6:
      self = unsafe withUnsafeBytes(of: storage) {
        let value = unsafe $0.loadUnaligned(as: sockaddr_in6.self)
        let address = IPv6Address(value.sin6_addr)
        return .ipv6(
          address, port: UInt16(bigEndian: value.sin6_port), scope: address.isLinkLocal ? value.sin6_scope_id : 0)
      }
    case AF_UNIX:
      let start = unsafe MemoryLayout.offset(of: \sockaddr_un.sun_path).unsafelyUnwrapped
      guard Int(length) > start else { return nil }
      var bytes = unsafe withUnsafeBytes(of: storage) { unsafe Array($0[start..<Int(length)]) }
      if bytes[0] == 0 { bytes[0] = UInt8(ascii: "@") }
      self = .unix(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
    default: return nil
    }
  }

  /// This address with the port that `socket` is bound to.
  fileprivate func withPort(of socket: Int32) -> SocketAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    _ = unsafe withUnsafeMutablePointer(to: &storage) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(socket, $0, &length) }
    }
    let port = PeerAddress.read(storage).1
    switch self {
    case .ipv4(let address, _): return .ipv4(address, port: port)
    case .ipv6(let address, _, let scope): return .ipv6(address, port: port, scope: scope)
    case .unix: return self
    }
  }
}
