// What keeps somebody out is not lost by mistake.

import Foundation
import Testing

@testable import ssmpd

@Suite("Protection")
struct ProtectionTests {
  private func configuration(_ arguments: String...) throws -> Configuration { try Configuration(arguments: arguments) }

  @Test(
    "Access rules and revocation lists that are given no more are an error, unless that is meant",
    arguments: ["access", "crl"])
  func losing(setting: String) throws {
    let old = try configuration("--\(setting)", "/file")
    let error = try #require(throws: ConfigurationError.self) { try configuration("--open").refuseLosing(of: old) }
    #expect(
      error.description
        == "--\(setting): '/file' is in force, and is not given any more; give --\(setting) no if that is meant")
    let meant = try configuration("--\(setting)", "no")
    #expect(meant.accessFile == nil && meant.revocationsFile == nil)
    try meant.refuseLosing(of: old)
    try configuration("--\(setting)", "/other").refuseLosing(of: old)
    try configuration("--open").refuseLosing(of: meant)
    // Of the command line the last one counts.
    try configuration("--\(setting)", "no", "--\(setting)", "/other").refuseLosing(of: old)
  }

  @Test("Addresses that were given, and are not any more, are an error: the default may let more in")
  func losingListeners() throws {
    let old = try configuration("--open", "--listen", "tls://*:8787?auth=cert", "--listen", "unix:/s")
    let error = try #require(throws: ConfigurationError.self) { try configuration("--open").refuseLosing(of: old) }
    #expect(
      error.description
        == "--listen: 'tls://*:8787?auth=cert' is in force, and none is given any more; "
        + "give --listen tls://*:8787 if that is meant")
    // One of several, and the default by itself, may go.
    try configuration("--open", "--listen", "unix:/s").refuseLosing(of: old)
    try configuration("--open").refuseLosing(of: try configuration("--open"))
    try configuration("--open").refuseLosing(of: try configuration("--open", "--listen", "tls://*:8787"))
  }

  private func access(_ rules: String, _ arguments: String...) throws -> [String] {
    var reading = FileReading(.check)
    let configuration = try Configuration(arguments: arguments)
    let parsed = try AccessFile.parse(Array(rules.utf8), of: "/a")
    try AccessFile.compare(parsed, of: "/a", with: configuration, &reading)
    return reading.oddities
  }

  @Test("A login line for schemes that no listener offers is noted")
  func futileLogin() throws {
    let plain = ["--listen", "tcp://127.0.0.1:1?auth=open", "--listen", "unix:/s?auth=secret"]
    func notes(_ rules: String) throws -> [String] {
      var reading = FileReading(.check)
      let parsed = try AccessFile.parse(Array(rules.utf8), of: "/a")
      try AccessFile.compare(parsed, of: "/a", with: try Configuration(arguments: plain), &reading)
      return reading.oddities
    }
    #expect(try notes("allow a login open\nallow b/ login secret cert\nallow * login\nallow . login open\n") == [])
    #expect(
      try notes("allow a login cert\nallow * login\n")
        == ["--access: '/a': 'allow a login cert' lets nobody in: the listeners offer secret, open"])
  }

  @Test("A certificate proves no name to who has none")
  func anonymousCertificate() throws {
    let notes = try access("allow . login cert\nallow a login cert\n", "--listen", "tls://*:1")
    #expect(notes == ["--access: '/a': 'allow . login cert' lets nobody in: the listeners offer cert"])
  }

  @Test("Rules by which nobody at all could log in are an error")
  func nobody() throws {
    let error = try #require(throws: ConfigurationError.self) {
      try access("allow a login cert\nallow b login secret\n", "--listen", "tcp://*:1?auth=open")
    }
    #expect(error.description.contains("lets nobody log in: the listeners offer open, and 'allow a login cert' is for"))
  }
}
