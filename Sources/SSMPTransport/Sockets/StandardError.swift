// Writing to standard error, with and without waiting.

import CEpoll
import Glibc

/// Standard error, whatever it is: a socket, a pipe, a terminal, a file.
///
/// Whether a write waits depends on a flag that belongs to whoever else has the same thing open. So a pipe or a terminal is
/// opened once more, where that is permitted. Where it is not, the kernel is asked not to wait for this one write, which it
/// can do for pipes since Linux 6.4. It cannot for a file on a disk, or for a terminal of another user's: only a thread that
/// may wait can write to those.
public struct StandardError: Sendable {
  /// What an attempt to write without waiting came to.
  public enum Attempt: Sendable {
    /// So many bytes were taken.
    case bytes(Int)
    /// There is no room; `waitForRoom` tells when there is some.
    case full
    /// The kernel cannot promise not to wait, now or later.
    case unknown
    /// They cannot be written at all.
    case failed
  }

  private enum Access {
    case socket
    /// A descriptor of our own, whose flag is our own.
    case nonBlocking
    /// A pipe that somebody else has opened.
    case pipe
    case other
  }

  private let descriptor: Int32
  private let access: Access

  /// Looks at what standard error is now.
  public init() {
    var status = stat()
    let kind = unsafe fstat(STDERR_FILENO, &status) == 0 ? status.st_mode & S_IFMT : 0
    if kind == S_IFIFO || kind == S_IFCHR {
      let again = unsafe open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
      descriptor = again == -1 ? STDERR_FILENO : again
      access = again != -1 ? .nonBlocking : kind == S_IFIFO ? .pipe : .other
    } else {
      descriptor = STDERR_FILENO
      access = kind == S_IFSOCK ? .socket : .other
    }
  }

  /// Writes what is taken at once.
  public func writeNow(_ bytes: UnsafeRawBufferPointer) -> Attempt {
    let result: Int
    switch access {
    case .socket:
      result = retrying { unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) }
    case .nonBlocking: result = retrying { unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count) }
    case .pipe: result = retrying { unsafe ssmp_write_now(descriptor, bytes.baseAddress, bytes.count) }
    case .other: return .unknown
    }
    if result > 0 { return .bytes(result) }
    if result == -1, errno == EAGAIN { return .full }
    // An older kernel, or not permitted to this process.
    if access == .pipe, result == -1, [EOPNOTSUPP, ENOSYS, EPERM, EINVAL].contains(errno) { return .unknown }
    return .failed
  }

  /// Waits until `writeNow` is worth another try.
  public func waitForRoom() {
    _ = PatientSocket.wait(writing: descriptor, milliseconds: nil)
  }

  /// Writes all of `bytes`, and waits for as long as that takes, for ever if need be.
  ///
  /// - Returns: how many of them were written before an error, which is all where there was none.
  public func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    var sent = 0
    while sent < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
      switch transfer(retrying { unsafe Glibc.write(descriptor, rest.baseAddress, rest.count) }) {
      case .bytes(let count): sent += count
      // Somebody else has set the flag.
      case .wouldBlock:
        waitForRoom()
        Poller.rest(nanoseconds: 1_000_000)
      case .ended, .failed: return sent
      }
    }
    return sent
  }
}
