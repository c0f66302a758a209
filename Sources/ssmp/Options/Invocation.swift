// From arguments to a command and its settings.

import CommandLineTools

/// What the command line asks for.
struct Invocation {
  /// What is to be done.
  enum Action {
    case help(String)
    case version
    case run(Command, Settings, operands: [String])
  }

  let action: Action

  /// Reads the arguments behind the program's name.
  init(_ arguments: [String]) throws(OptionError) {
    if let action = try Self.question(arguments) {
      self.action = action
      return
    }
    var settings = Settings()
    var words: ArraySlice<String>
    do throws(OptionError) {
      words = try Self.parser("ssmp", Self.common, isFirst: true).parse(arguments, into: &settings)[...]
    } catch {
      throw Self.misplaced(arguments) ?? error
    }
    guard let name = words.popFirst() else { throw OptionError("no command is given; see ssmp --help") }
    guard let command = Commands.named(name) else {
      let nearest = NearestName.to(name, among: Commands.all.map(\.name))
      let hint = nearest.map { "did you mean \($0)?" } ?? "see ssmp --help"
      throw OptionError("'\(name.clipped.printable)' is no command; \(hint)")
    }
    let parser = Self.parser("ssmp \(name)", Self.common + command.options())
    let operands = try parser.parse(Array(words), into: &settings)
    guard command.counts.contains(operands.count) else {
      let problem = operands.count < command.counts.lowerBound ? "something is missing" : "that is too much"
      throw OptionError("\(problem); usage: ssmp \(command.usage)")
    }
    if command.usesContext { try Contexts.complete(&settings) }
    action = .run(command, settings, operands: operands)
  }

  private static var common: [Option] { CommonOptions.context + CommonOptions.running }

  /// The error for an option that only a command has, in front of the command.
  private static func misplaced(_ arguments: [String]) -> OptionError? {
    for argument in arguments where argument.hasPrefix("-") {
      let name = argument.drop { $0 == "-" }.prefix { $0 != "=" }
      guard
        let owner = Commands.all.first(where: { command in
          command.options().contains { $0.name == name || $0.letter.map { argument.hasPrefix("-\($0)") } ?? false }
        })
      else { continue }
      guard !common.contains(where: { $0.name == name || $0.letter.map { argument.hasPrefix("-\($0)") } ?? false })
      else {
        continue
      }
      return OptionError(
        "'\(argument.clipped.printable)' stands behind its command, as in: ssmp \(owner.name) \(argument.clipped.printable) ..."
      )
    }
    return nil
  }

  private static func parser(_ name: String, _ options: [Option], isFirst: Bool = false) -> OptionParser<Option> {
    var parser = OptionParser(name, options)
    parser.takesOperands = true
    parser.endsWithOperands = isFirst
    parser.letters = ["?": "help", "V": "version", "h": "help", "p": "presence", "t": "help"]
    return parser
  }

  /// The answer to `--help` or `--version`, wherever they are given.
  private static func question(_ arguments: [String]) throws(OptionError) -> Action? {
    let words = arguments.prefix { $0 != "--" }
    if words.first == "--version" || words.first == "-V" { return .version }
    guard let place = words.firstIndex(where: { $0 == "--help" || $0 == "-h" }) else {
      guard words.first == "help" else { return nil }
      return .help(try ToolHelp.text(about: words.dropFirst().first))
    }
    // `ssmp sub --help` and `ssmp --help sub` are the same.
    let subject = words[..<place].first { Commands.named($0) != nil } ?? words[(place + 1)...].first
    return .help(try ToolHelp.text(about: subject))
  }
}
