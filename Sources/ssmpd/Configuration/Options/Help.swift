// `--help`, in short and about one subject.

/// The texts that `--help` prints, each line within 100 columns.
enum Help {
  static let columns = 100

  /// What a start without any argument is told.
  static let beginning =
    "no settings are given; try ssmpd --listen tcp://127.0.0.1:8787 --open, for this machine alone, or see ssmpd --help"

  private static let signals: [(name: String, text: String)] = [
    ("SIGTERM", "stop accepting, close connections one after the other (--drain), end"),
    ("SIGINT", "the same with all connections together; a second one of either: end at once"),
    ("SIGHUP", "read the configuration and the files that it names again"),
    ("SIGUSR1", "log a summary of counts"),
  ]

  /// The text of `--help` alone: every option in a few words.
  static var summary: String {
    var text = """
      ssmpd is a server for SSMP, the Stupid-Simple Messaging Protocol 1.1.

      usage: ssmpd --cert FILE --key FILE --cacert FILE [OPTION]...
             ssmpd --listen tcp://127.0.0.1:8787 --open [OPTION]...
             ssmpd --config FILE [OPTION]...

      ssmpd --help SUBJECT says more about an option, or about one of these:
             \(subjects), signals, all

      """
    let width = Option.all.map(\.usage.count).max() ?? 0
    for group in Option.Group.allCases {
      text += "\n\(group.rawValue)\n"
      for option in Option.all where option.group == group { text += row(option.usage, option.help, width) }
    }
    return text + "\nSignals\n" + signals.map { row($0.name, $0.text, 15) }.joined()
  }

  private static var subjects: String { Option.Group.allCases.map(\.subject).joined(separator: ", ") }

  /// All that there is to say about an option, a group of them, or all; `nil` when there is no such subject.
  static func text(about subject: String) -> String? {
    let name = subject.lowercased().drop { $0 == "-" }
    if name == "all" { return Option.Group.allCases.map(section).joined(separator: "\n") + "\n" + signalSection }
    if name == "signals" { return signalSection }
    if let group = Option.Group.allCases.first(where: { $0.subject == name }) { return section(group) }
    return Option.all.first { $0.name == name }.map(entry)
  }

  /// The fault of a subject that there is none of.
  static func unknown(_ subject: String) -> ConfigurationError {
    let names = Option.all.map(\.name) + Option.Group.allCases.map(\.subject) + ["signals", "all"]
    let problem = NearestName.to(subject, among: names).map { "did you mean \($0)?" }
    let accepted = "the name of an option, \(subjects), signals or all"
    guard let problem else { return ConfigurationError(setting: "help", value: subject, accepted: .init(accepted)) }
    return ConfigurationError(setting: "help", value: subject, problem: problem, accepted: accepted)
  }

  private static func section(_ group: Option.Group) -> String {
    "\(group.rawValue)\n\n" + Option.all.filter { $0.group == group }.map(entry).joined(separator: "\n")
  }

  private static var signalSection: String { "Signals\n\n" + signals.map { row($0.name, $0.text, 15) }.joined() }

  /// An option with all that there is to say about it.
  private static func entry(_ option: Option) -> String {
    let details = option.details.map { [option.help + ".", $0] } ?? [option.help + "."]
    var text = "  \(option.usage)\n"
    for paragraph in details + [option.change.sentence].compactMap({ $0 }) {
      for line in wrapped(paragraph, columns - 6) { text += "      \(line)\n" }
    }
    return text
  }

  /// A name and what it means side by side.
  private static func row(_ name: String, _ meaning: String, _ width: Int) -> String {
    let lines = wrapped(meaning, columns - width - 4)
    let rest = lines.dropFirst().map { "\(blanks(width + 4))\($0)\n" }
    return "  \(name)\(blanks(width - name.count))  \(lines.first ?? "")\n" + rest.joined()
  }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  /// A text in lines of at most so many columns, as far as its words are no longer.
  static func wrapped(_ text: String, _ columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty, line.count + 1 + word.count > columns {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? word : " \(word)"
    }
    return line.isEmpty ? lines : lines + [line]
  }
}

extension Option.Group {
  /// What `--help` calls it.
  var subject: String {
    switch self {
    case .listening: "listening"
    case .certificates: "tls"
    case .times: "times"
    case .limits: "limits"
    case .running: "running"
    }
  }
}

extension Option.Change {
  fileprivate var sentence: String? {
    switch self {
    case .reloadable: "A reload (SIGHUP) puts a changed value in effect."
    case .needsRestart: "A changed value needs a restart."
    case .notASetting: nil
    }
  }
}

extension Option {
  /// The option as the help text shows it.
  var usage: String {
    switch effect {
    case .value(let placeholder, _): "--\(name) \(placeholder)"
    case .question(let placeholder, _): "--\(name) [\(placeholder)]"
    case .action, .flag: "--\(name)"
    }
  }
}
