// Small files, read as a whole.

import Glibc
import Testing

@testable import CommandLineTools

@Suite("File content")
struct FileContentTests {
  /// Calls `body` with the path of a file that has this content.
  private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    var template = Array("/tmp/ssmpd-content-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor != -1 && write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    try body(path)
  }

  @Test("A file is read to its end, or to a little more than the limit")
  func reads() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
    try withFile(bytes) { path in
      let content = try FileContent(of: path, limit: bytes.count)
      #expect(content.bytes == bytes && content.isRegular && content.isUnchanged && content.permissions == 0o600)
      #expect((100_001..<200_000).contains(try FileContent(of: path, limit: 100_000).bytes.count))
    }
  }

  @Test("A file that is not there, or is a folder, is an error that says why")
  func unreadable() {
    #expect(throws: FileFault.unreadable(ENOENT)) { try FileContent(of: "/nowhere", limit: 1) }
    #expect(throws: FileFault.unreadable(EISDIR)) { try FileContent(of: "/tmp", limit: 1) }
    #expect(FileFault.unreadable(ENOENT).description == "cannot be read: No such file or directory")
  }

  @Test("What is no regular file is read only by a reader that can wait", .timeLimit(.minutes(1)))
  func devices() throws {
    #expect(throws: FileFault.notRegular) { try FileContent(of: "/dev/null", limit: 1, waits: false) }
    let content = try FileContent(of: "/dev/null", limit: 1)
    #expect(content.bytes.isEmpty && !content.isRegular)
  }

  @Test(
    "A file of one line is read without its line end and without a byte order mark",
    arguments: [
      ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret", "secret"), ("\u{feff}secret\n", "secret"),
      ("\n", ""),
      ("", ""), ("one\ntwo\n", "one\ntwo"), ("secret\n\n", "secret\n"), ("\r", "\r"),
    ])
  func line(text: String, line: String) throws {
    try withFile(Array(text.utf8)) { path in
      let content = try FileContent(of: path, limit: 100)
      #expect(Array(content.line) == Array(line.utf8))
    }
  }
}
