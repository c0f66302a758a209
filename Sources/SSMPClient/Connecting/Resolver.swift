// Addresses of names.

import Glibc
import SSMPTransport

/// Looks up the addresses of a host. It may take seconds, so it is called on a thread that may wait.
enum Resolver {
  /// The addresses of a server, in the order of preference (RFC 6724), which is the system's.
  static func addresses(of server: ServerAddress) throws(SSMPError) -> [SocketAddress] {
    switch server.place {
    case .unix(let path):
      guard path.utf8.count <= SocketAddress.longestPath else {
        throw .invalid("the path of a unix socket has at most \(SocketAddress.longestPath) bytes: '\(path)'")
      }
      return [.unix(path)]
    case .host(let host, let port):
      if let address = written(server) { return [address] }
      return try look(up: host, port)
    }
  }

  /// The address of a server that is written as an address; `nil` for a name.
  static func written(_ server: ServerAddress) -> SocketAddress? {
    guard case .host(let host, let port) = server.place else { return nil }
    return SocketAddress(internet: host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
  }

  private static func look(up host: String, _ port: UInt16) throws(SSMPError) -> [SocketAddress] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let result = unsafe getaddrinfo(host, "\(port)", &hints, &list)
    guard result == 0 else {
      throw .unreachable("no address of '\(host)' is known: \(unsafe String(cString: gai_strerror(result)))")
    }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var entry = unsafe list
    while let one = unsafe entry {
      if let address = unsafe SocketAddress(one.pointee.ai_addr), !addresses.contains(address) {
        addresses.append(address)
      }
      unsafe entry = unsafe one.pointee.ai_next
    }
    guard !addresses.isEmpty else { throw .unreachable("no address of '\(host)' is known") }
    return addresses
  }
}
