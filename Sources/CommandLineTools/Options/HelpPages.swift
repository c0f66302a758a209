// What `--help` and `--help SUBJECT` print.

/// One option, or something else that has a name, as help texts show it.
public struct HelpEntry: Sendable {
  let name: String
  let usage: String
  let help: String
  let paragraphs: [String]

  /// An entry for an option.
  ///
  /// - Parameter details: more about it, one paragraph each, for `--help SUBJECT`.
  public init(_ option: some CommandLineOption, details: [String] = []) {
    (name, usage, help) = (option.name, option.usage, option.help)
    paragraphs = [option.help + "."] + details
  }
}

/// A group of entries under a title. Its subject is its name in `--help SUBJECT`.
public struct HelpSection: Sendable {
  enum Content {
    case options([HelpEntry])
    /// Names and what they mean, side by side; the second column begins `width` columns after the
    /// first.
    case rows([(name: String, text: String)], width: Int)
  }

  let title: String
  /// The name of the section, in lower case.
  public let subject: String
  let content: Content

  /// A group of options.
  public init(_ title: String, subject: String, _ options: [HelpEntry]) {
    (self.title, self.subject, content) = (title, subject, .options(options))
  }

  /// A group of names that are no options.
  ///
  /// - Parameter width: the width of the column of names; the longest name decides without it.
  public init(_ title: String, subject: String, rows: [(name: String, text: String)], width: Int? = nil) {
    let width = width ?? rows.map(\.name.count).max() ?? 0
    (self.title, self.subject, content) = (title, subject, .rows(rows, width: width))
  }

  var options: [HelpEntry] {
    if case .options(let entries) = content { return entries }
    return []
  }
}

/// The help of a program: sections of options, as a whole and by subject. No line is longer than
/// `columns`.
public struct HelpPages: Sendable {
  /// The columns of the longest line.
  public static let columns = 100

  private let introduction: String
  private let sections: [HelpSection]
  private let end: String

  /// Help with these sections.
  ///
  /// - Parameters:
  ///   - introduction: what the program is and how it is called; printed first.
  ///   - end: printed last.
  public init(introduction: String, _ sections: [HelpSection], end: String = "") {
    (self.introduction, self.sections, self.end) = (introduction, sections, end)
  }

  private var options: [HelpEntry] { sections.flatMap(\.options) }

  /// The text of `--help` alone: every option in a few words.
  public var summary: String {
    let width = options.map(\.usage.count).max() ?? 0
    return introduction + sections.map { "\n\($0.title)\n" + Self.rows($0, width).joined() }.joined() + end
  }

  /// All that there is to say about an option, a section or `all`; `nil` if there is no such
  /// subject. Case and leading dashes make no difference.
  public func text(about subject: String) -> String? {
    let name = subject.lowercased().drop { $0 == "-" }
    if name == "all" { return sections.map(Self.text).joined(separator: "\n") }
    if let section = sections.first(where: { $0.subject == name }) { return Self.text(section) }
    return options.first { $0.name == name }.map(Self.text)
  }

  /// The error for a subject that does not exist: with the nearest one if one is near.
  public func unknown(_ subject: String) -> OptionError {
    let subjects = sections.map(\.subject)
    let accepted = (["the name of an option"] + subjects).joined(separator: ", ") + " or all"
    guard let nearest = NearestName.to(subject, among: options.map(\.name) + subjects + ["all"]) else {
      return OptionError(setting: "help", value: subject, accepted: .init(accepted))
    }
    return OptionError(setting: "help", value: subject, problem: "did you mean \(nearest)?", accepted: accepted)
  }

  private static func rows(_ section: HelpSection, _ width: Int) -> [String] {
    switch section.content {
    case .options(let entries): entries.map { TextLayout.row($0.usage, $0.help, width, columns) }
    case .rows(let rows, let width): rows.map { TextLayout.row($0.name, $0.text, width, columns) }
    }
  }

  private static func text(_ section: HelpSection) -> String {
    let entries = section.options.map(text).joined(separator: "\n")
    return "\(section.title)\n\n" + (entries.isEmpty ? rows(section, 0).joined() : entries)
  }

  private static func text(_ entry: HelpEntry) -> String {
    let lines = entry.paragraphs.flatMap { TextLayout.wrapped($0, columns - 6) }
    return "  \(entry.usage)\n" + lines.map { "      \($0)\n" }.joined()
  }
}
