// The command line.

import CommandLineTools

/// What a run is to be.
struct SoakOptions {
  typealias Option = ProgramOption<SoakOptions>

  var seconds = 600.0
  var seed = UInt64.random(in: 0..<1 << 32)
  var loops = [1, 2, 4]
  var binary = ".build/release/ssmpd"
  var groups = 2
  var limits = SoakLimits()
  var wantsHelp = false

  private static var table: [Option] {
    [
      .number("seconds", "how long, for all numbers of loops together (default: 600)", 1...1_000_000) {
        $0.seconds = Double($1)
      },
      .value("seed", "what random choices begin with (default: a random number, which is printed)", "N") {
        (options, text) throws(OptionError) in
        guard let seed = UInt64(text) else {
          throw OptionError(setting: "seed", value: text, accepted: "a number from 0 to \(UInt64.max)")
        }
        options.seed = seed
      },
      .value("loops", "the numbers of event loops, one after the other (default: 1,2,4)", "LIST") {
        (options, text) throws(OptionError) in
        options.loops = []
        for number in text.split(separator: ",", omittingEmptySubsequences: false) {
          options.loops.append(try OptionValue.number(String(number), of: "loops", in: 1...64))
        }
      },
      .value("ssmpd", "the server (default: .build/release/ssmpd)", "PATH") { $0.binary = $1 },
      .number("groups", "the groups of clients, each with a thread (default: 2)", 1...16) { $0.groups = $1 },
      .number("clients", "the clients of a group (default: 90)", 2...1000) { $0.limits.clients = $1 },
      .action("help", "print this and end") { $0.wantsHelp = true },
    ]
  }

  static var help: HelpPages {
    HelpPages(
      introduction: """
        ssmp-soak starts ssmpd, lets hundreds of simulated clients do anything at any moment, and judges what
        it does.

        usage: ssmp-soak [OPTION]...

        """, [HelpSection("Options", subject: "options", table.map { HelpEntry($0) })],
      end: "\nThe exit status is 0 when nothing was found, 1 with a finding, 2 when the run could not be made.\n")
  }

  init(_ arguments: [String]) throws(OptionError) {
    try OptionParser("ssmp-soak", Self.table).parse(arguments, into: &self)
  }
}
