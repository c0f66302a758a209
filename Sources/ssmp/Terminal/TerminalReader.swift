// The keys of the terminal.

import Glibc
import SSMPTransport

/// Reads keys on a thread of its own, and notices when the terminal gets another size.
final class TerminalReader: Sendable {
  /// What has happened at the terminal.
  enum Happening {
    case bytes([UInt8])
    case resized
    case ended
  }

  /// Begins to read. `take` is called on the thread, until it returns false.
  init(_ take: @escaping @Sendable (Happening) -> Bool) throws(SystemError) {
    let resizes = try SignalPipe.begin([SIGWINCH])
    try Thread(named: "keys") { while take(Self.next(resizes)) {} }.detach()
  }

  private static func next(_ resizes: Int32) -> Happening {
    var descriptors = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: resizes, events: Int16(POLLIN), revents: 0),
    ]
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      guard unsafe poll(&descriptors, 2, -1) > 0 else {
        if errno == EINTR { continue }
        return .ended
      }
      if descriptors[1].revents != 0 {
        _ = unsafe read(resizes, &buffer, buffer.count)
        return .resized
      }
      let count = unsafe read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      return count > 0 ? .bytes(Array(buffer[..<count])) : .ended
    }
  }
}
