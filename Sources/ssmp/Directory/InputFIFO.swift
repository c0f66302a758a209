// The FIFOs named `in`.

import Glibc
import SSMPTransport

/// An `in`: open for reading and writing, so that there is no end of it when its writers leave.
struct InputFIFO {
  /// The descriptor, which does not wait.
  let descriptor: Int32
  private let path: String

  /// How an `in` was found.
  enum Finding {
    /// There was none, or a FIFO.
    case usual
    /// A writer was earlier than this program: its file is `in.unsent` now.
    case file
  }

  /// Opens the FIFO at `path`, which is made if there is none.
  init(_ path: String, _ finding: inout Finding) throws(SystemError) {
    self.path = path
    finding = .usual
    if let status = FileSystem.status(path), status.st_mode & S_IFMT == S_IFREG {
      guard unsafe rename(path, "\(path).unsent") == 0 else { throw SystemError("rename") }
      finding = .file
    }
    guard unsafe mkfifo(path, 0o600) == 0 || errno == EEXIST else { throw SystemError("mkfifo") }
    descriptor = unsafe open(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor != -1 else { throw SystemError("open") }
    guard let status = FileSystem.status(descriptor), status.st_mode & S_IFMT == S_IFIFO else {
      close(descriptor)
      throw SystemError("open", code: EOPNOTSUPP)
    }
  }

  /// True if this is still the FIFO that writers find.
  var isCurrent: Bool {
    guard let own = FileSystem.status(descriptor), own.st_nlink > 0, let found = FileSystem.status(path) else {
      return false
    }
    return own.st_ino == found.st_ino && own.st_dev == found.st_dev
  }

  /// Closes it.
  func end() { close(descriptor) }

  /// Reads at most as many bytes as the buffer has; `nil` if there are none.
  func read(into buffer: inout [UInt8]) -> ArraySlice<UInt8>? {
    while true {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      return count > 0 ? buffer[..<count] : nil
    }
  }
}
