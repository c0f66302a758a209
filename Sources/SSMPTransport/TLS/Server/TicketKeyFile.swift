// The file that keeps the keys of session tickets over a restart.

import Glibc

/// A file of ticket keys: a first line that says what it is, then a line for each key, `CREATED NAME CIPHER MAC`, the
/// newest first; `CREATED` in seconds since 1970, the rest in hexadecimal digits.
///
/// Whoever can read it can read sessions, so its mode is 0600, and one that others can read is not used.
struct TicketKeyFile {
  private static let header = "ssmpd ticket keys 1"
  /// More than any number of keys that is kept.
  private static let longest = 16 << 10

  let path: String

  /// True when there is no such file.
  var isMissing: Bool { unsafe access(path, F_OK) != 0 }

  /// The keys in the file; none when there is no file, or when its content is damaged, which is reported: new keys cost
  /// every client one full handshake, not starting would cost more.
  func read(report: (TLSError) -> Void) throws(TLSError) -> [TicketKey] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor != -1 else {
      if errno == ENOENT { return [] }
      throw TLSError(unsafe "cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw TLSError("is no regular file")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw TLSError("can be read by others (mode \(String(status.st_mode & 0o777, radix: 8))); give it the mode 600")
    }
    var bytes = [UInt8](repeating: 0, count: Self.longest)
    let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw TLSError(unsafe "cannot be read: \(String(cString: strerror(errno)))") }
    guard let keys = Self.parse(String(decoding: bytes[..<count], as: UTF8.self)) else {
      report(TLSError("is damaged, and begun anew"))
      return []
    }
    return keys
  }

  /// Why keys cannot be written.
  struct WriteFailure: Error {
    let code: Int32
    /// True when the folder is missing or closed, which is somebody's mistake; else it is the disk, which may be full,
    /// read-only or broken, and good again tomorrow.
    var isOfFolder: Bool { [ENOENT, ENOTDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG].contains(code) }
    var reason: TLSError { TLSError(unsafe "cannot be written: \(String(cString: strerror(code)))") }
  }

  /// Replaces the file in one step.
  func write(_ keys: [TicketKey]) throws(WriteFailure) {
    let text = Self.text(keys)
    unsafe unlink(temporary)
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor != -1 else { throw WriteFailure(code: errno) }
    let count = unsafe text.withCString { unsafe Glibc.write(descriptor, $0, strlen($0)) }
    // A disk that is full takes a part.
    let code = count == -1 ? errno : ENOSPC
    close(descriptor)
    let isWritten = count == text.utf8.count
    // Not waited for until it is on the disk: a file that a loss of power has damaged is begun anew.
    guard isWritten, unsafe rename(temporary, path) == 0 else {
      let failure = WriteFailure(code: isWritten ? errno : code)
      unsafe unlink(temporary)
      throw failure
    }
  }

  private var temporary: String { path + ".new" }

  /// What would keep keys from being written, as far as it can be seen without writing.
  var obstacle: WriteFailure? {
    let end = path.lastIndex(of: "/")
    let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    // As the effective user, whom a check may have taken on.
    guard unsafe faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 else { return WriteFailure(code: errno) }
    var status = stat()
    if unsafe lstat(temporary, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return WriteFailure(code: EEXIST) }
    var disk = statvfs()
    if unsafe statvfs(folder, &disk) == 0, disk.f_bavail == 0, disk.f_blocks > 0 { return WriteFailure(code: ENOSPC) }
    return nil
  }

  private static func text(_ keys: [TicketKey]) -> String {
    let lines = keys.map { "\($0.created) \(hexadecimal($0.name)) \(hexadecimal($0.cipher)) \(hexadecimal($0.mac))\n" }
    return header + "\n" + lines.joined()
  }

  /// The keys of a well-formed text, or `nil`.
  static func parse(_ text: String) -> [TicketKey]? {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first.map(String.init) == header, lines.popLast() == "" else { return nil }
    var keys: [TicketKey] = []
    for line in lines.dropFirst() {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 4, let created = Int64(words[0]), created >= 0 else { return nil }
      guard let name = bytes(words[1], TicketKey.nameLength), let cipher = bytes(words[2], TicketKey.partLength),
        let mac = bytes(words[3], TicketKey.partLength)
      else { return nil }
      keys.append(TicketKey(name: name, cipher: cipher, mac: mac, created: created))
    }
    return keys
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
  }

  private static func bytes(_ text: Substring, _ count: Int) -> [UInt8]? {
    let digits = Array(text.utf8).map { Int(UInt8($0)) }.map { $0 < 58 ? $0 - 48 : $0 - 87 }
    guard digits.count == count * 2, digits.allSatisfy({ (0..<16).contains($0) }) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
