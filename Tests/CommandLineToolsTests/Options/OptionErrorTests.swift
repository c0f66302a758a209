// What is wrong with an option.

import Testing

@testable import CommandLineTools

@Suite("Option error")
struct OptionErrorTests {
  @Test("An error names options with dashes, or without them if it is about a file of settings")
  func places() {
    var error = OptionError(setting: "--cert", "needs \(setting: "key")")
    #expect(error.description == "--cert: needs --key" && error.setting == "cert")
    error.place = OptionError.Place(file: "a.conf", line: 12)
    #expect(error.description == "a.conf:12: cert: needs key")
    error.place?.line = nil
    #expect(error.description == "a.conf: cert: needs key")
  }

  @Test("A value is shown in one line, clipped, with what would be accepted")
  func values() {
    let long = String(repeating: "x", count: 300)
    #expect(
      OptionError(setting: "n", value: "a\nb", accepted: "1").description == "--n: 'a\\u{a}b' is not accepted; give 1")
    #expect(
      OptionError(setting: "n", value: long, problem: "it is long", accepted: "1").description
        == "--n: '\(long.clipped)' is not accepted: it is long; give 1")
    #expect(
      OptionError(operand: "server", value: "x", accepted: "1").description == "server: 'x' is not accepted; give 1")
  }

  @Test("More can be said about the same error")
  func adding() {
    let error = OptionError(setting: "n", "is odd").adding("; see \(setting: "m")")
    #expect(error == OptionError(setting: "n", "is odd").adding("; see \(setting: "m")"))
    #expect(error.description == "--n: is odd; see --m")
  }
}
