// Completion, made of the tables of commands and options.

import CommandLineTools

/// Scripts that have a shell complete the command line.
enum CompletionScript {
  /// The shells.
  enum Shell: String, CaseIterable {
    case bash, zsh, fish
  }

  /// What stands behind an option, or a command, as far as a shell can know it.
  enum Values: Equatable {
    /// Nothing: the option takes no value.
    case none
    /// Anything.
    case text
    case files
    case words([String])
    /// The names of contexts.
    case contexts
  }

  /// The options of all commands.
  static var common: [Option] { CommonOptions.context + CommonOptions.running }

  /// The options of all commands together, each once.
  static var all: [Option] {
    var names: Set<String> = []
    return (common + Commands.all.flatMap { $0.options() }).filter { names.insert($0.name).inserted }
  }

  /// What `--help` takes beside commands.
  static var subjects: [String] { Commands.all.map(\.name) + ToolHelp.subjects }

  /// The script for a shell.
  static func text(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  /// The option as it is typed: with its letter, if it has one.
  static func names(_ option: Option) -> [String] { (option.letter.map { ["-\($0)"] } ?? []) + ["--\(option.name)"] }

  /// What an option takes.
  static func values(_ option: Option) -> Values {
    guard case .value(let placeholder, _) = option.effect else { return .none }
    if placeholder == "FILE" || placeholder == "PATH" { return .files }
    if option.name == "context" { return .contexts }
    return words(placeholder).map { .words($0) } ?? .text
  }

  /// What the first operand of a command may be, if it is one of a few words.
  static func words(_ command: Command) -> [String]? {
    if command.name == "admin" { return AdminVerb.all.map { String($0.name) } }
    return command.operands.split(separator: " ").first.flatMap { words(String($0)) }
  }

  /// The words of `a|b|c`; `nil` for a placeholder, which has capital letters.
  private static func words(_ text: String) -> [String]? {
    let words = text.split(separator: "|").map(String.init)
    return words.count > 1 && text.allSatisfy { $0.isLowercase || $0 == "|" } ? words : nil
  }
}
