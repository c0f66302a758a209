// Reading of the secret file.

import Foundation
import SSMPCore
import Testing

@testable import ssmpd

@Suite("Secret file")
struct SecretFileTests {
  /// Calls `body` with the path of a file of this content.
  private func withFile<Result>(_ content: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("secret-\(UUID().uuidString)").path
    try Data(content).write(to: URL(fileURLWithPath: path))
    defer { unlink(path) }
    return try body(path)
  }

  private func read(_ path: String, on occasion: FileReading.Occasion = .start) throws -> Secret {
    var reading = FileReading(occasion)
    return try SecretFile.read(SecretSetting(path + "?short"), &reading)
  }

  /// The rules accept a LOGIN with these bytes, and not with any more or fewer.
  private func expect(_ content: String, isReadAs length: Int) throws {
    let secret = try withFile(Array(content.utf8)) { try read($0) }
    #expect(secret.count == length)
  }

  private func fault(_ content: [UInt8]) throws -> String {
    try withFile(content) { path in
      let error = try #require(throws: ConfigurationError.self) { try read(path) }
      #expect(error.description.hasPrefix("--secret-file: '\(path)' "))
      return String(error.description.dropFirst("--secret-file: '\(path)' ".count))
    }
  }

  @Test("The last line end, LF or CR LF, is no part of the secret, and need not be there")
  func lineEnds() throws {
    try expect("sesame\n", isReadAs: 6)
    try expect("sesame\r\n", isReadAs: 6)
    try expect("sesame", isReadAs: 6)
  }

  @Test("Spaces and a CR elsewhere are part of the secret")
  func otherBytes() throws {
    try expect(" a secret \n", isReadAs: 10)
    try expect("ses\rame\n", isReadAs: 7)
    try expect("sesame\r\r\n", isReadAs: 7)
    try expect("sesame\r", isReadAs: 7)
  }

  @Test("A file without a secret in it is refused", arguments: ["", "\n", "\r\n"])
  func empty(content: String) throws {
    #expect(try fault(Array(content.utf8)) == "is empty; give a file with one line of 1 to 1024 bytes")
  }

  @Test("A file with several lines is refused", arguments: ["a\nb\n", "a\nb", "a\n\n", "\na\n"])
  func severalLines(content: String) throws {
    #expect(try fault(Array(content.utf8)) == "has several lines; give a file with one line")
  }

  @Test("A secret of 1,024 bytes is the longest that a LOGIN can carry; a longer one is refused")
  func length() throws {
    try expect(String(repeating: "s", count: 1024) + "\r\n", isReadAs: 1024)
    let reason = "is too long; give a file with one line of 1 to 1024 bytes"
    #expect(try fault(Array(repeating: 115, count: 1025)) == reason)
    #expect(try fault(Array(repeating: 115, count: 1_000_000)) == reason)
  }

  @Test("A file that is not there, or is a folder, is refused with the system's reason")
  func unreadable() throws {
    let missing = try #require(throws: ConfigurationError.self) { try read("/nonexistent/secret") }
    #expect(missing.description == "--secret-file: '/nonexistent/secret' cannot be read: No such file or directory")
    let folder = try #require(throws: ConfigurationError.self) { try read("/tmp") }
    #expect(folder.description == "--secret-file: '/tmp' cannot be read: Is a directory")
  }

  @Test("A short secret has to be meant")
  func short() throws {
    func read(_ content: String, _ mark: String) throws -> Int {
      try withFile(Array(content.utf8)) { path in
        var reading = FileReading(.start)
        return try SecretFile.read(SecretSetting(path + mark), &reading).count
      }
    }
    #expect(try read("0123456789abcdef\n", "") == 16)
    #expect(try read("0123456789abcde\n", "?short") == 15)
    let error = try #require(throws: ConfigurationError.self) { try read("hello\n", "") }
    #expect(error.description.contains("holds a secret of 5 bytes, which can be guessed; give 16 or more, or '"))
    #expect(error.description.hasSuffix("?short' if a short one is meant"))
  }

  @Test("A byte order mark is no part of the secret")
  func byteOrderMark() throws {
    try expect("\u{feff}sesame\n", isReadAs: 6)
    #expect(try fault([0xef, 0xbb, 0xbf, 10]) == "is empty; give a file with one line of 1 to 1024 bytes")
    try expect("\u{feff}" + String(repeating: "s", count: 1024) + "\r\n", isReadAs: 1024)
  }

  @Test("A secret that no LOGIN can carry is refused", arguments: [0, 1, 2, 3] as [UInt8])
  func binary(first: UInt8) throws {
    #expect(
      try fault([first] + Array("0123456789abcdef\n".utf8)).hasPrefix("begins with the byte \(first), with which"))
  }

  @Test("A file whose last line does not end is refused by a check and a reload, and noted by a start")
  func unended() throws {
    try withFile(Array("0123456789abcdef".utf8)) { path in
      var start = FileReading(.start)
      #expect(try SecretFile.read(SecretSetting(path), &start).count == 16)
      #expect(start.oddities.count == 1 && start.oddities[0].hasSuffix("; a reload would refuse it"))
      for occasion in [FileReading.Occasion.check, .reload] {
        var reading = FileReading(occasion)
        _ = try SecretFile.read(SecretSetting(path), &reading)
        let error = try #require(throws: ConfigurationError.self) { try reading.finish() }
        #expect(error.description.hasPrefix("--secret-file: '\(path)' does not end its last line"))
      }
    }
  }

  @Test("A secret does not show in its descriptions")
  func hidden() {
    let secret = Secret(Array("sesame".utf8))
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), dumped, "\(LoginRules(secret: secret))"] {
      #expect(!text.contains("sesame") && !text.contains("115"))
    }
  }
}
