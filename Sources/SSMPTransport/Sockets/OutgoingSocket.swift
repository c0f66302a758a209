// Sockets that connect.

import CEpoll
import Glibc

/// Connecting to a server, without waiting for it.
public enum OutgoingSocket {
  /// Begins to connect and returns the descriptor, non-blocking and closed on exec, which belongs to the caller.
  ///
  /// The poller reports it as writable when it is connected, or has failed: `failure` says which.
  ///
  /// - Parameter source: the local address to connect from; its port may be 0. `nil` leaves it to the kernel.
  public static func connect(to target: SocketAddress, from source: SocketAddress? = nil) throws(SystemError) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue) | ssmp_SOCK_NONBLOCK | ssmp_SOCK_CLOEXEC
    let socket = try check("socket") { Glibc.socket(target.family, kind, 0) }
    do throws(SystemError) {
      if let source {
        // The port is chosen when the target is known, so that one port serves many targets and addresses.
        var one: Int32 = 1
        _ = unsafe setsockopt(
          socket, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &one, socklen_t(MemoryLayout<Int32>.size))
        try check("bind") { unsafe source.withSockaddr { unsafe Glibc.bind(socket, $0, $1) } }
      }
      let result = retrying { unsafe target.withSockaddr { unsafe Glibc.connect(socket, $0, $1) } }
      guard result == 0 || errno == EINPROGRESS else { throw SystemError("connect") }
    } catch {
      Socket.close(socket)
      throw error
    }
    if case .unix = target {} else { Socket.sendAtOnce(socket) }
    return socket
  }

  /// Why a connection could not be made; `nil` when it was made, or is still being made.
  public static func failure(_ descriptor: Int32) -> SystemError? {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
      return SystemError("getsockopt")
    }
    return code == 0 ? nil : SystemError("connect", code: code)
  }
}
