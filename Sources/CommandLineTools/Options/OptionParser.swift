// From arguments to settings.

/// Reads the arguments of a program by its table of options: `--name`, `--name value` or
/// `--name=value`; where the table has letters, also `-l`, `-l value`, `-lvalue` and `-abc`.
public struct OptionParser<Option: CommandLineOption> {
  private let program: String
  private let options: [Option]
  /// Letters that are options of other programs, and the options that do the same in this one.
  public var letters: [String: String] = ["h": "help", "?": "help"]
  /// True if the program takes operands: words that begin no option. After `--` every argument is
  /// one.
  public var takesOperands = false
  /// True if no options follow the first operand: all that follow are operands, too.
  public var endsWithOperands = false
  /// True for what an option of the kind `question` can be about, beside words without dashes.
  public var isSubject: (String) -> Bool
  /// What the user has probably meant by an argument that is neither an option nor like the name of
  /// one, as `--option value`; `nil` if there is no guess.
  public var guess: (String) -> String? = { _ in nil }

  /// A parser for a table.
  ///
  /// - Parameter program: the name of the program, for messages.
  public init(_ program: String, _ options: [Option]) {
    self.program = program
    self.options = options
    let names = Set(options.map { "--\($0.name)" })
    isSubject = names.contains
  }

  /// Applies all options among the arguments, in their order.
  ///
  /// - Parameter prepare: called before each option is applied, with the option and whether it is
  ///   given for the first time.
  /// - Returns: the operands.
  @discardableResult
  public func parse(
    _ arguments: [String], into settings: inout Option.Settings,
    prepare: (Option, _ isFirst: Bool, inout Option.Settings) -> Void = { _, _, _ in }
  ) throws(OptionError) -> [String] {
    var given: Set<String> = []
    var operands: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if takesOperands, argument == "--" { return operands + rest }
      if takesOperands, endsWithOperands, !operands.isEmpty { return operands + [argument] + rest }
      if isLettered(argument) {
        try parseLetters(argument.dropFirst(), &rest, into: &settings) {
          prepare($0, given.insert($0.name).inserted, &$1)
        }
        continue
      }
      guard argument.hasPrefix("--"), argument.count > 2 else {
        guard takesOperands, argument == "-" || !argument.hasPrefix("-") else { throw noOption(argument) }
        operands.append(argument)
        continue
      }
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let option = try find(String(parts[0]))
      prepare(option, given.insert(option.name).inserted, &settings)
      var value = parts.count == 2 ? String(parts[1]) : nil
      if value == nil, takesNext(option, rest) { value = rest.popFirst() }
      try option.apply(value, to: &settings)
    }
    return operands
  }

  /// True if an argument begins with the letter of an option.
  private func isLettered(_ argument: String) -> Bool {
    guard argument.hasPrefix("-"), let letter = argument.dropFirst().first else { return false }
    return options.contains { $0.letter == letter }
  }

  /// Applies options by their letters: the last of them may have a value, which follows or is the next argument.
  private func parseLetters(
    _ letters: Substring, _ rest: inout ArraySlice<String>, into settings: inout Option.Settings,
    prepare: (Option, inout Option.Settings) -> Void
  ) throws(OptionError) {
    var letters = letters
    while let letter = letters.popFirst() {
      guard let option = options.first(where: { $0.letter == letter }) else { throw noOption("-\(letter)") }
      prepare(option, &settings)
      guard case .value = option.effect else {
        try option.apply(nil, to: &settings)
        continue
      }
      try option.apply(letters.isEmpty ? rest.popFirst() : String(letters), to: &settings)
      return
    }
  }

  private func find(_ name: String) throws(OptionError) -> Option {
    if let option = options.first(where: { $0.name == name }) { return option }
    let nearest = NearestName.to(name, among: options.map(\.name))
    let hint = nearest.map { "did you mean --\($0)?" } ?? "see \(program) --help"
    throw OptionError("--\(name.clipped.printable) is not an option; \(hint)")
  }

  /// True if the next argument is the value of this option.
  private func takesNext(_ option: Option, _ rest: ArraySlice<String>) -> Bool {
    switch option.effect {
    case .action, .flag: return false
    case .value: return true
    case .question:
      guard let next = rest.first else { return false }
      guard next.hasPrefix("-") else { return true }
      // Another option is a subject only if it has no value.
      return isSubject(next) && rest.dropFirst().first?.hasPrefix("-") != false
    }
  }

  /// The error for an argument that begins no option, with a guess at what was meant.
  private func noOption(_ argument: String) -> OptionError {
    let name = String(argument.drop { $0 == "-" })
    let isWord = argument.hasPrefix("-") || !name.contains { $0 == "/" || $0 == "." }
    var meant = argument.hasPrefix("-") ? letters[name] : nil
    if meant == nil, isWord, name.count > 1 { meant = NearestName.to(name, among: options.map(\.name)) }
    let hint = (meant.map { "--\($0)" } ?? guess(argument)).map { "did you mean \($0)?" }
    return OptionError("'\(argument.clipped.printable)' is not an option; \(hint ?? "see \(program) --help")")
  }
}
