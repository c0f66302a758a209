// What `--help` prints.

import Testing

@testable import CommandLineTools

@Suite("Help pages")
struct HelpPagesTests {
  private let pages = HelpPages(
    introduction: "tool does nothing.\n",
    [
      HelpSection(
        "Options", subject: "options",
        ToolSettings.options.map { HelpEntry($0, details: $0.name == "count" ? ["A second paragraph."] : []) }),
      HelpSection("Signals", subject: "signals", rows: [("SIGINT", "stop"), ("SIGTERM", "stop")]),
    ], end: "\nend\n")

  @Test("The summary has a row for each option, in one column of names, between introduction and end")
  func summary() {
    let lines = pages.summary.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "tool does nothing." && lines.suffix(2) == ["end", ""])
    #expect(lines.contains("  --count N      how often (default: 1)") && lines.contains("  --help [NAME]  print this"))
    #expect(lines.contains("  SIGTERM  stop"))
  }

  @Test("A subject is an option with or without dashes, a section, or all")
  func subjects() throws {
    let count = "  --count N\n      how often (default: 1).\n      A second paragraph.\n"
    #expect(pages.text(about: "count") == count && pages.text(about: "--COUNT") == count)
    let options = try #require(pages.text(about: "options"))
    #expect(options.hasPrefix("Options\n\n\(count)\n  --wait TIME\n"))
    #expect(pages.text(about: "signals") == "Signals\n\n  SIGINT   stop\n  SIGTERM  stop\n")
    #expect(pages.text(about: "all")?.hasPrefix("\(options)\nSignals\n") == true)
    #expect(pages.text(about: "else") == nil)
  }

  @Test("A subject that does not exist is refused with the nearest one, or with those that there are")
  func unknown() {
    let accepted = "the name of an option, options, signals or all"
    #expect(
      pages.unknown("cuont").description
        == "--help: 'cuont' is not accepted: did you mean count?; give \(accepted)")
    #expect(pages.unknown("volume").description == "--help: 'volume' is not accepted; give \(accepted)")
  }
}
