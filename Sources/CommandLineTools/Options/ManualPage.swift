// Man pages, made of the tables that the help is made of.

import Glibc

/// A page in the mdoc language of groff and mandoc, which `man` formats.
public struct ManualPage: Sendable {
  /// The page so far.
  public private(set) var text: String

  /// Begins a page of section 1.
  ///
  /// - Parameters:
  ///   - name: the name of the program.
  ///   - description: what it is, in a few words.
  ///   - synopsis: what stands behind the name, a form each.
  public init(_ name: String, description: String, synopsis: [String]) {
    text = """
      .\\" Made by \(name) --help man.
      .Dd \(Self.date)
      .Dt \(name.uppercased()) 1
      .Os ssmpd \(ProductVersion.text)
      .Sh NAME
      .Nm \(name)
      .Nd \(description)
      .Sh SYNOPSIS

      """
    for form in synopsis { text += ".Nm\n" + Self.lines(form) }
  }

  /// Begins a section.
  public mutating func section(_ title: String) { text += ".Sh \(title.uppercased())\n" }

  /// Adds paragraphs.
  public mutating func paragraphs(_ paragraphs: [String]) {
    text += paragraphs.map(Self.lines).joined(separator: ".Pp\n")
  }

  /// Adds lines that are shown as they are.
  public mutating func example(_ lines: [String]) {
    text += ".Bd -literal -offset indent\n" + lines.map(Self.line).joined() + ".Ed\n"
  }

  /// Adds a list of terms, each with paragraphs.
  public mutating func list(_ entries: [(term: String, paragraphs: [String])]) {
    text += ".Bl -tag -width Ds\n"
    for (term, paragraphs) in entries {
      text += ".It \(Self.term(term))\n"
      self.paragraphs(paragraphs)
    }
    text += ".El\n"
  }

  /// Adds a list within the paragraphs of a list's last term.
  public mutating func sublist(_ entries: [(term: String, paragraphs: [String])]) {
    guard text.hasSuffix(".El\n") else { return list(entries) }
    text.removeLast(".El\n".count)
    list(entries)
    text += ".El\n"
  }

  /// Adds a list of options.
  public mutating func options(_ options: [some CommandLineOption]) {
    list(options.map { ($0.usage, [$0.help + "."]) })
  }

  /// The date of the build (SOURCE_DATE_EPOCH), or of today.
  private static var date: String {
    let variable = unsafe getenv("SOURCE_DATE_EPOCH").flatMap { unsafe Int(String(cString: $0)) }
    let day = (variable.map { Timestamp(seconds: $0) } ?? .now()).text.prefix { $0 != "T" }.split(separator: "-")
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    guard day.count == 3, let month = Int(day[1]), let number = Int(day[2]) else { return "" }
    return "\(months[month - 1]) \(number), \(day[0])"
  }

  /// A term, in bold, with what the user fills in (words with a capital letter) underlined.
  private static func term(_ term: String) -> String {
    term.split(separator: " ").map { word in
      let isFilledIn = word.contains(where: \.isUppercase) && !word.hasPrefix("-")
      return isFilledIn ? "Ar \(argument(word))" : word == "|" ? "\\&|" : "Cm \(argument(word))"
    }.joined(separator: " ")
  }

  /// A word of a macro's line, which is no macro itself.
  private static func argument(_ word: some StringProtocol) -> String {
    let text = escaped(word)
    return text.utf8.count <= 3 ? "\\&\(text)" : text
  }

  /// A paragraph, its sentences in lines of their own.
  private static func lines(_ paragraph: String) -> String {
    var lines: [String] = [""]
    for word in paragraph.split(separator: " ") {
      lines[lines.count - 1] += lines[lines.count - 1].isEmpty ? word : " \(word)"
      if word.hasSuffix(".") && !word.hasSuffix("...") || word.hasSuffix(".)") { lines.append("") }
    }
    return lines.filter { !$0.isEmpty }.map(line).joined()
  }

  private static func line(_ text: String) -> String {
    let line = escaped(text)
    return (line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" : "") + line + "\n"
  }

  /// Text as it will look: `code` in bold.
  private static func escaped(_ text: some StringProtocol) -> String {
    var isCode = false
    return text.map { character in
      switch character {
      case "\\": return "\\e"
      case "-": return "\\-"
      case "`":
        isCode.toggle()
        return isCode ? "\\fB" : "\\fR"
      default: return String(character)
      }
    }.joined()
  }
}
