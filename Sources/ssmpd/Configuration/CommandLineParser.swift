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
      guard argument.hasPrefix("--"), argument.count > 2 else {
        throw ConfigurationError("'\(argument.printable)' is not an option; see ssmpd --help")
      }
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let option = options.first(where: { $0.name == name }) else {
        let nearest = NearestName.to(name, among: options.map(\.name))
        throw ConfigurationError(
          "--\(name.printable) is not an option; \(nearest.map { "did you mean --\($0)?" } ?? "see ssmpd --help")")
      }
      // What the file has said does not count, neither one value nor several.
      if given.insert(name).inserted { option.field?.reset(&self) }
      if origins.file != nil { origins.overridden.insert(name) }
      var value = parts.count == 2 ? String(parts[1]) : nil
      if case .value = option.effect, value == nil { value = rest.popFirst() }
      try option.apply(value, to: &self)
    }
  }

  /// The text of `--help`.
  static var help: String {
    var text = """
      ssmpd is a server for SSMP, the Stupid-Simple Messaging Protocol 1.1.

      usage: ssmpd --cert FILE --key FILE --cacert FILE [OPTION]...
             ssmpd --listen tcp://127.0.0.1:8787 --open [OPTION]...
             ssmpd --config FILE [OPTION]...

      """
    let width = Option.all.map(\.usage.count).max() ?? 0
    for group in Option.Group.allCases {
      text += "\n\(group.rawValue)\n"
      for option in Option.all where option.group == group {
        let usage = option.usage
        text += "  \(usage)\(String(repeating: " ", count: width - usage.count))  \(option.help)\n"
      }
    }
    text += """

      Signals
        SIGTERM, SIGINT  stop accepting, flush what is pending, end
        SIGHUP           read the configuration and the files that it names again
        SIGUSR1          log a summary of counts

      """
    return text
  }
}

extension Option {
  /// The option as the help text shows it.
  fileprivate var usage: String {
    if case .value(let placeholder, _) = effect { return "--\(name) \(placeholder)" }
    return "--\(name)"
  }
}
