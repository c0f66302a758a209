// From arguments to a configuration.

extension Configuration {
  /// Reads the arguments after the program's name: `--name`, `--name value` or `--name=value`.
  init(arguments: [String]) throws(ConfigurationError) {
    self.init()
    try override(with: arguments)
  }

  /// Puts what the arguments say in place of what the configuration has.
  mutating func override(with arguments: [String]) throws(ConfigurationError) {
    let options = Option.all
    var given: Set<String> = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--"), argument.count > 2 else { throw Self.noOption(argument) }
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let option = options.first(where: { $0.name == name }) else {
        let nearest = NearestName.to(name, among: options.map(\.name))
        let hint = nearest.map { "did you mean --\($0)?" } ?? "see ssmpd --help"
        throw ConfigurationError("--\(name.clipped.printable) is not an option; \(hint)")
      }
      // What the file has said does not count, neither one value nor several.
      if given.insert(name).inserted { option.field?.reset(&self) }
      if origins.file != nil { origins.overridden.insert(name) }
      var value = parts.count == 2 ? String(parts[1]) : nil
      switch option.effect {
      case .value where value == nil: value = rest.popFirst()
      case .question where value == nil && Self.isSubject(rest): value = rest.popFirst()
      default: break
      }
      try option.apply(value, to: &self)
    }
  }

  /// True when the next argument is what a question is about: a word, or the name of an option that has no value here.
  private static func isSubject(_ rest: ArraySlice<String>) -> Bool {
    guard let next = rest.first else { return false }
    guard next.hasPrefix("-") else { return true }
    return Help.text(about: next) != nil && rest.dropFirst().first?.hasPrefix("-") != false
  }

  /// Letters that are options of other programs, and the options that do the same here.
  private static let letters: [String: String] = [
    "h": "help", "?": "help", "V": "version", "v": "version", "t": "check", "c": "config", "f": "config",
    "l": "listen", "p": "listen",
  ]

  /// An argument that begins no option: what was meant by it, as far as that can be guessed.
  private static func noOption(_ argument: String) -> ConfigurationError {
    let name = String(argument.drop { $0 == "-" })
    let isWord = argument.hasPrefix("-") || !name.contains { $0 == "/" || $0 == "." }
    var meant = argument.hasPrefix("-") ? letters[name] : nil
    if meant == nil, isWord, name.count > 1 { meant = NearestName.to(name, among: Option.all.map(\.name)) }
    var hint = meant.map { "did you mean --\($0)?" }
    if hint == nil, !argument.hasPrefix("-"), argument.hasSuffix(".conf") {
      hint = "did you mean --config \(argument.clipped.printable)?"
    }
    return ConfigurationError("'\(argument.clipped.printable)' is not an option; \(hint ?? "see ssmpd --help")")
  }
}
