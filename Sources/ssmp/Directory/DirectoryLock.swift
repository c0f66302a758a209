// One process for each directory.

import CommandLineTools
import Glibc

/// A lock that the system releases when the process ends, however it ends.
struct DirectoryLock {
  /// Takes the lock of a directory, and keeps it for as long as the process lives.
  ///
  /// - Throws: `Failure` if another process has it.
  static func take(_ folder: String) throws {
    let descriptor = unsafe open("\(folder)/.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor != -1 else {
      throw unsafe Failure(.usage, "'\(folder.printable)' cannot be used: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      let reason = code == EWOULDBLOCK ? "another ssmp fs is using it" : unsafe String(cString: strerror(code))
      throw Failure(.usage, "'\(folder.printable)' cannot be used: \(reason)")
    }
  }
}
