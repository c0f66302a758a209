// From arguments to options, and the help.

import CommandLineTools

extension BenchOptions {
  /// Reads the arguments after the program's name: a scenario, a server, and among them `--name`,
  /// `--name value` or `--name=value`.
  init(arguments: [String]) throws(OptionError) {
    self.init()
    var parser = OptionParser("ssmp-bench", Self.load + Self.login + Self.running)
    parser.takesOperands = true
    let words = try parser.parse(arguments, into: &self)
    if case .help(let subject) = action {
      if let subject, subject != "man", Self.help.text(about: subject) == nil { throw Self.help.unknown(subject) }
      return
    }
    guard let name = words.first else { throw OptionError("no scenario is given; see ssmp-bench --help") }
    guard let scenario = Scenario(rawValue: name) else {
      let accepted = Scenario.allCases.map(\.rawValue).joined(separator: ", ")
      throw OptionError(operand: "scenario", value: name, accepted: .init(accepted))
    }
    self.scenario = scenario
    guard words.count > 1 else { throw OptionError("no server is given; give tcp://ADDRESS:PORT, say") }
    guard words.count == 2 else { throw OptionError("'\(words[2].clipped.printable)' is one argument too many") }
    target = try Target(words[1])
    try validate()
  }

  /// The texts of `--help`.
  static var help: HelpPages {
    let introduction = """
      ssmp-bench loads a server for SSMP and measures what it does.

      usage: ssmp-bench SCENARIO [OPTION]... [tls://]ADDRESS:PORT | tcp://ADDRESS:PORT | unix:PATH

      """
    let end = """

      Exit code: 0; 1 when messages were lost, came twice or out of order, or requests were refused; 2 for
      wrong options; 3 when the run could not be done.

      """
    return HelpPages(
      introduction: introduction,
      [
        HelpSection(
          "Scenarios", subject: "scenarios", rows: Scenario.allCases.map { ($0.rawValue, $0.help) }),
        HelpSection("Load", subject: "load", load.map { HelpEntry($0) }),
        HelpSection("Login", subject: "login", login.map { HelpEntry($0) }),
        HelpSection("Running", subject: "running", running.map { HelpEntry($0) }),
      ], end: end)
  }
}
