// A command, such as `ssmp pub`.

import CommandLineTools

/// A line of the table of options.
typealias Option = ProgramOption<Settings>

/// One of the commands: what it is called, what it takes, and what it does.
struct Command: Sendable {
  /// The word on the command line.
  let name: String
  /// What follows the name, for help texts.
  let operands: String
  /// What the command does, in a few words.
  let help: String
  /// More about it, a paragraph each.
  var details: [String] = []
  /// False for a command that does not log in: a context, also one with an error, is nothing to it.
  var usesContext = true
  /// The options that it has beside those of all commands.
  var options: @Sendable () -> [Option] = { [] }
  /// How many operands there may be.
  let counts: ClosedRange<Int>
  /// Does it. The operands are as many as `counts` allows.
  let run: @Sendable (Settings, [String]) async throws -> ExitStatus

  /// The command as help texts show it.
  var usage: String { operands.isEmpty ? name : "\(name) \(operands)" }
}
