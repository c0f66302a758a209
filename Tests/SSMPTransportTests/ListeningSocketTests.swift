// Sockets that accept connections.

import Glibc
import Testing

@testable import SSMPTransport

@Suite("Listening socket")
struct ListeningSocketTests {
  /// A blocking connection to `address`.
  private func connect(to address: SocketAddress) throws -> Int32 {
    let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let result = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
    try #require(result == 0, "connect: \(errno)")
    return descriptor
  }

  private func loopback() throws -> ListeningSocket {
    try ListeningSocket(try #require(SocketAddress(internet: "127.0.0.1:0")))
  }

  private func port(_ listener: ListeningSocket) -> UInt16 {
    switch listener.address {
    case .ipv4(_, let port), .ipv6(_, let port, _): port
    case .unix: 0
    }
  }

  private func path() -> String { "/tmp/ssmp-listen-\(getpid())-\(UInt32.random(in: 0 ... .max))" }

  @Test("Where port 0 is asked for, the address has the port that the kernel chose")
  func portZero() throws {
    let listener = try loopback()
    defer { listener.close() }
    #expect(port(listener) != 0)
    close(try connect(to: listener.address))
  }

  @Test("A connection is accepted with the peer's address and port, non-blocking, closed on exec, without delay")
  func accepts() throws {
    let listener = try loopback()
    defer { listener.close() }
    let client = try connect(to: listener.address)
    defer { close(client) }
    guard case .accepted(let socket) = listener.accept() else { throw SystemError("accept") }
    defer { close(socket.descriptor) }
    #expect(socket.peer.description == "127.0.0.1")
    var own = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &own) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(client, $0, &length) }
    }
    #expect(socket.port == UInt16(bigEndian: own.sin_port))
    #expect(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(socket.descriptor, F_GETFD) == FD_CLOEXEC)
    var noDelay: Int32 = 0
    length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(socket.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, &length)
    #expect(noDelay != 0)
  }

  @Test("When nobody waits, nobody is accepted, and the call returns at once")
  func nobody() throws {
    let listener = try loopback()
    defer { listener.close() }
    guard case .none = listener.accept() else { throw TestFault("somebody was accepted") }
  }

  @Test("An address that is in use is an error of bind")
  func inUse() throws {
    let listener = try loopback()
    defer { listener.close() }
    let error = try #require(throws: SystemError.self) { try ListeningSocket(listener.address) }
    #expect(error.call.description == "bind")
    #expect(error.code == EADDRINUSE)
  }

  @Test("An address that this machine does not have is an error of bind")
  func foreign() throws {
    let address = try #require(SocketAddress(internet: "192.0.2.1:0"))
    let error = try #require(throws: SystemError.self) { try ListeningSocket(address) }
    #expect(error.call.description == "bind")
    #expect(error.code == EADDRNOTAVAIL)
  }

  @Test("The unspecified IPv6 address takes IPv4 as well, and shows its peers as IPv4")
  func bothFamilies() throws {
    let listener = try ListeningSocket(try #require(SocketAddress(internet: "*:0")))
    defer { listener.close() }
    let client = try connect(to: try #require(SocketAddress(internet: "127.0.0.1:\(port(listener))")))
    defer { close(client) }
    guard case .accepted(let socket) = listener.accept() else { throw SystemError("accept") }
    #expect(socket.peer.description == "127.0.0.1")
    close(socket.descriptor)
  }

  @Test("A unix socket accepts local peers, and its path is removed with it")
  func unix() throws {
    let path = path()
    let listener = try ListeningSocket(.unix(path))
    let client = try connect(to: .unix(path))
    defer { close(client) }
    guard case .accepted(let socket) = listener.accept() else { throw SystemError("accept") }
    #expect(socket.peer == .local && socket.port == 0)
    close(socket.descriptor)
    listener.close()
    #expect(access(path, F_OK) == -1)
  }

  @Test("On a kernel without IPv6 all addresses are those of IPv4, and an IPv6 address is an error of socket")
  func withoutIPv6() throws {
    func make(_ family: Int32, _ kind: Int32) -> Int32 {
      guard family == AF_INET6 else { return Glibc.socket(family, kind, 0) }
      errno = EAFNOSUPPORT
      return -1
    }
    let listener = try ListeningSocket(.everywhere(port: 0), makeSocket: make)
    defer { listener.close() }
    #expect(listener.lacksIPv6 && listener.address == .ipv4(0, port: port(listener)) && port(listener) != 0)
    let client = try connect(to: try #require(SocketAddress(internet: "127.0.0.1:\(port(listener))")))
    defer { close(client) }
    guard case .accepted(let socket) = listener.accept() else { throw SystemError("accept") }
    close(socket.descriptor)
    let error = try #require(throws: SystemError.self) {
      try ListeningSocket(try #require(SocketAddress(internet: "[::1]:0")), makeSocket: make)
    }
    #expect(error.call.description == "socket" && error.code == EAFNOSUPPORT)
    // Any other failure is none that another address would mend.
    let full = try #require(throws: SystemError.self) {
      try ListeningSocket(.everywhere(port: 0)) { _, _ in
        errno = EMFILE
        return -1
      }
    }
    #expect(full.code == EMFILE)
    #expect(try !ListeningSocket(.everywhere(port: 0)).lacksIPv6)
  }

  @Test(
    "A link-local address is listened on with its interface", .enabled(if: linkLocal() != nil, "no link-local address"))
  func scoped() throws {
    let text = try #require(linkLocal())
    let listener = try ListeningSocket(try #require(SocketAddress(internet: "[\(text)]:0")))
    defer { listener.close() }
    #expect(listener.address.description == "[\(text)]:\(port(listener))")
    close(try connect(to: listener.address))
    let copy = try #require(ListeningSocket(inherited: dup(listener.descriptor)))
    #expect(copy.address == listener.address)
    copy.close()
  }

  @Test("A unix socket that ends does not remove the file of another server that has taken its path")
  func replaced() throws {
    let path = path()
    let first = try ListeningSocket(.unix(path))
    unlink(path)
    let second = try ListeningSocket(.unix(path))
    first.close()
    close(try connect(to: .unix(path)))
    second.close()
    #expect(access(path, F_OK) == -1)
    // Nor one that is no socket.
    let third = try ListeningSocket(.unix(path))
    unlink(path)
    close(open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600))
    third.close()
    #expect(unlink(path) == 0)
  }

  @Test("A unix socket on which nobody listens any more is replaced, and one in use is not")
  func stale() throws {
    let path = path()
    let first = try ListeningSocket(.unix(path))
    let error = try #require(throws: SystemError.self) { try ListeningSocket(.unix(path)) }
    #expect(error.call.description == "bind" && error.code == EADDRINUSE)
    close(try connect(to: .unix(path)))
    // As a process that is killed leaves it.
    close(first.descriptor)
    #expect(access(path, F_OK) == 0)
    let second = try ListeningSocket(.unix(path))
    close(try connect(to: .unix(path)))
    second.close()
  }

  @Test("A socket that another process has bound is taken over with its address, and let go without an end to it")
  func inherited() throws {
    let path = path()
    for wanted in [try #require(SocketAddress(internet: "127.0.0.1:0")), .unix(path)] {
      let owner = try ListeningSocket(wanted)
      defer { owner.close() }
      let copy = dup(owner.descriptor)
      _ = fcntl(copy, F_SETFL, 0)
      let taken = try #require(ListeningSocket(inherited: copy))
      #expect(taken.address == owner.address && taken.isInherited && !owner.isInherited)
      #expect(fcntl(copy, F_GETFD) == FD_CLOEXEC && fcntl(copy, F_GETFL) & O_NONBLOCK != 0)
      let client = try connect(to: owner.address)
      defer { close(client) }
      guard case .accepted(let socket) = taken.accept() else { throw SystemError("accept") }
      close(socket.descriptor)
      taken.close()
      // Whoever has bound it still listens.
      close(try connect(to: owner.address))
    }
  }

  @Test("The addresses of all kinds of sockets are found out: IPv6, and unix sockets with abstract names")
  func inheritedAddresses() throws {
    let six = try ListeningSocket(try #require(SocketAddress(internet: "[::1]:0")))
    #expect(ListeningSocket(inherited: dup(six.descriptor))?.address == six.address)
    six.close()
    let name = "ssmp-test-\(UInt32.random(in: 0 ... .max))"
    let abstract = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: [0] + Array(name.utf8)) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(abstract, $0, socklen_t(3 + name.utf8.count)) }
    }
    try #require(bound == 0 && listen(abstract, 1) == 0)
    let taken = try #require(ListeningSocket(inherited: abstract))
    #expect(taken.address == .unix("@\(name)"))
    taken.close()
  }

  @Test("What does not accept streams of bytes is not taken over")
  func notInherited() throws {
    let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let idle = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
    for descriptor in [datagrams, idle, file, -1] {
      #expect(ListeningSocket(inherited: descriptor) == nil)
      close(descriptor)
    }
  }

  @Test("A file that is no socket is not replaced by one")
  func otherFiles() throws {
    let path = path()
    let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    try #require(file != -1)
    close(file)
    defer { unlink(path) }
    #expect(throws: SystemError.self) { try ListeningSocket(.unix(path)) }
    #expect(access(path, F_OK) == 0)
  }
}

/// A link-local address of this machine with its interface, if there is one: `fe80::1%eth0`.
private func linkLocal() -> String? {
  var list: UnsafeMutablePointer<ifaddrs>?
  guard getifaddrs(&list) == 0 else { return nil }
  defer { freeifaddrs(list) }
  var next = list
  while let entry = next {
    next = entry.pointee.ifa_next
    guard let address = entry.pointee.ifa_addr, Int32(address.pointee.sa_family) == AF_INET6 else { continue }
    let six = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
      SocketAddress.IPv6Address($0.pointee.sin6_addr)
    }
    if six.isLinkLocal { return "\(six)%\(String(cString: entry.pointee.ifa_name))" }
  }
  return nil
}

/// Something came out otherwise than a test needs it to go on.
struct TestFault: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

@Suite("Private listening socket")
struct PrivateListeningSocketTests {
  @Test("Nobody but the owner may connect to it, and other files keep the mode they would have")
  func mode() throws {
    let path = "/tmp/ssmp-private-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    let before = umask(0o022)
    defer { umask(before) }
    let listener = try ListeningSocket(.unix(path), isPrivate: true)
    defer { listener.close() }
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(umask(0o022) == 0o022)
  }
}
