// Answers to a process that has sent a signal.

import CEpoll
import Glibc

/// One end of a conversation about a signal: who sends it listens on an abstract unix socket named by its process number, and
/// who gets it connects there and says what has become of it.
///
/// Each side looks at the process number of the other one, which the kernel vouches for: anybody may take such a name.
public struct ReplySocket: Sendable {
  private let descriptor: Int32

  private static func address(of process: Int32) -> SocketAddress { .unix("\0ssmpd-reply-\(process)") }

  private static func make(_ flags: Int32) throws(SystemError) -> Int32 {
    try check("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | ssmp_SOCK_CLOEXEC | flags, 0) }
  }

  /// Listens for answers to this process.
  public static func listen() throws(SystemError) -> ReplySocket {
    let reply = ReplySocket(descriptor: try make(0))
    do throws(SystemError) {
      try check("bind") { unsafe address(of: getpid()).withSockaddr { unsafe Glibc.bind(reply.descriptor, $0, $1) } }
      try check("listen") { Glibc.listen(reply.descriptor, 8) }
    } catch {
      reply.close()
      throw error
    }
    return reply
  }

  /// A connection to the process that has sent a signal; `nil` when it does not listen. It never waits.
  public init?(to process: Int32) {
    guard process > 0, let socket = try? Self.make(ssmp_SOCK_NONBLOCK) else { return nil }
    let result = unsafe Self.address(of: process).withSockaddr { unsafe connect(socket, $0, $1) }
    guard result == 0, ssmp_peer_process(socket) == process else {
      Glibc.close(socket)
      return nil
    }
    descriptor = socket
  }

  private init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// The connection of `process`, as it comes within `milliseconds`; those of others are turned away.
  public func accept(from process: Int32, within milliseconds: Int32) -> ReplySocket? {
    while wait(milliseconds) {
      let connection = retrying { accept4(descriptor, nil, nil, ssmp_SOCK_CLOEXEC) }
      guard connection != -1 else { return nil }
      if ssmp_peer_process(connection) == process { return ReplySocket(descriptor: connection) }
      Glibc.close(connection)
    }
    return nil
  }

  /// What comes within `milliseconds`: empty when the other side has ended, `nil` when nothing comes.
  public func receive(within milliseconds: Int32) -> [UInt8]? {
    guard wait(milliseconds) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = retrying { unsafe recv(descriptor, &bytes, bytes.count, 0) }
    return Array(bytes.prefix(max(0, count)))
  }

  private func wait(_ milliseconds: Int32) -> Bool {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return retrying { unsafe poll(&ready, 1, milliseconds) } == 1
  }

  /// Says something, which is a line or two: what does not fit is lost.
  public func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
  }

  /// Ends the conversation.
  public func close() { Glibc.close(descriptor) }
}
