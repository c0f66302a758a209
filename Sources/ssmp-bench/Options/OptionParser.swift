// From arguments to options.

extension BenchOptions {
  /// Reads the arguments after the program's name: a scenario, a server, and among them `--name`, `--name value` or
  /// `--name=value`.
  init(arguments: [String]) throws {
    self.init()
    var words: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument.hasPrefix("--"), argument.count > 2 {
        try apply(argument, &rest)
      } else {
        words.append(argument)
      }
    }
    if action == .help { return }
    guard let name = words.first else { throw OptionError("no scenario is given; see ssmp-bench --help") }
    guard let scenario = Scenario(rawValue: name) else {
      throw OptionError("scenario", name, accepted: Scenario.allCases.map(\.rawValue).joined(separator: ", "))
    }
    self.scenario = scenario
    guard words.count > 1 else { throw OptionError("no server is given; give tcp://ADDRESS:PORT, say") }
    guard words.count == 2 else { throw OptionError("'\(words[2].printable)' is one argument too many") }
    target = try Target(words[1])
    try validate()
  }

  private mutating func apply(_ argument: String, _ rest: inout ArraySlice<String>) throws {
    let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = BenchOption.all.first(where: { $0.name == name }) else {
      throw OptionError("--\(name.printable) is not an option; see ssmp-bench --help")
    }
    switch option.effect {
    case .flag(let apply):
      guard parts.count == 1 else { throw OptionError("--\(name) takes no value") }
      apply(&self)
    case .value(let placeholder, let apply):
      guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
        throw OptionError("--\(name) wants a value: --\(name) \(placeholder)")
      }
      try apply(&self, value)
    }
  }

  /// The text of `--help`.
  static var help: String {
    var text = """
      ssmp-bench loads a server for SSMP and measures what it does.

      usage: ssmp-bench SCENARIO [OPTION]... [tls://]ADDRESS:PORT | tcp://ADDRESS:PORT | unix:PATH

      Scenarios

      """
    for scenario in Scenario.allCases { text += "  \(padded(scenario.rawValue, 12))\(scenario.help)\n" }
    text += "\nOptions\n"
    for option in BenchOption.all { text += "  \(padded(option.usage, 20))\(option.help)\n" }
    text += """

      Exit code: 0; 1 when messages were lost, came twice or out of order, or requests were refused; 2 for wrong
      options; 3 when the run could not be done.

      """
    return text
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

extension BenchOption {
  /// The option as the help text shows it.
  fileprivate var usage: String {
    if case .value(let placeholder, _) = effect { return "--\(name) \(placeholder)" }
    return "--\(name)"
  }
}
