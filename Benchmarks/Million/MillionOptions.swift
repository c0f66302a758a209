// The command line.

import CommandLineTools

/// What is to be measured.
struct MillionOptions {
  enum Action {
    case compare, sweep, help
    /// Print the resident memory that connections take, one figure a line.
    case resident
    case rounds(of: Repetition)
  }

  var action = Action.compare
  var connections = 1_000_000
  var rounds = 1

  private static var table: [ProgramOption<MillionOptions>] {
    let kinds = Repetition.allCases.map(\.rawValue).joined(separator: ", ")
    return [
      .number(
        "connections", "logged-in, subscribed connections in memory, beside 10,000 (default: 1000000)",
        2000...16_000_000
      ) { $0.connections = $1 },
      .action("sweep", "the cost of operations beside 100, 10,000 and 200,000 connections, topics and subscriptions") {
        $0.action = .sweep
      },
      .action("resident", "print the resident bytes of one of N --connections, idle and after messages to all") {
        $0.action = .resident
      },
      .value(
        "repeat", "--rounds of one kind of message, for counting instructions; print the messages of a round", "KIND"
      ) { (options, text) throws(OptionError) in
        guard let kind = Repetition(rawValue: text) else {
          throw OptionError(setting: "repeat", value: text, accepted: .init(kinds))
        }
        options.action = .rounds(of: kind)
      },
      .number("rounds", "the rounds of --repeat (default: 1)", 0...1_000_000_000) { $0.rounds = $1 },
      .action("help", "print this and end") { $0.action = .help },
    ]
  }

  static var help: HelpPages {
    HelpPages(
      introduction: """
        ssmp-million measures what connections, topics and messages cost in memory, without sockets.

        usage: ssmp-million [OPTION]...

        """, [HelpSection("Options", subject: "options", table.map { HelpEntry($0) })])
  }

  init(_ arguments: [String]) throws(OptionError) {
    try OptionParser("ssmp-million", Self.table).parse(arguments, into: &self)
  }
}
