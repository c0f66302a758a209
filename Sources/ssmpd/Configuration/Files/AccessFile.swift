// The file that holds the access rules.

import CommandLineTools
import SSMPCore

/// Reading of `--access`: one rule a line, `allow IDENTITY RIGHT[,RIGHT] TARGET...`, and `#` comments (docs/access.md).
enum AccessFile {
  /// Some ten thousand rules.
  private static let limit = 1 << 20
  /// The characters of a faulty word that are shown.
  private static let shownCharacters = 80

  private static let names = "letters, digits and . : @ / _ - + = ~, 64 at most"
  private static let form = "give allow IDENTITY RIGHT TARGET..."
  private static let rights: [(name: String, right: AccessRights)] = [
    ("publish", .publish), ("subscribe", .subscribe), ("presence", .presence), ("unicast", .unicast),
  ]

  /// The rules of a file, in its order. It holds one rule at least, and one that allows somebody to log in.
  static func read(_ path: String, _ reading: inout FileReading) throws -> [AccessRule] {
    let bytes = try SettingFile.read(path, of: "access", limit: limit, &reading).bytes
    guard bytes.count <= limit else {
      throw SettingFile.fault("access", path, "is larger than \(Units.describe(bytes: limit))")
    }
    return try parse(bytes, of: path)
  }

  /// The rules of a configuration; `nil` when it names no file, and everything is allowed.
  static func rules(_ configuration: Configuration, _ reading: inout FileReading) throws -> AccessRules? {
    guard let path = configuration.accessFile else { return nil }
    let rules = try read(path, &reading)
    try compare(rules, of: path, with: configuration, &reading)
    return AccessRules(rules)
  }

  /// The rules that the bytes of a file spell.
  static func parse(
    _ bytes: [UInt8], of path: String, maxRules: Int = AccessRules.maxRules
  ) throws -> [AccessRule] {
    var rules: [AccessRule] = []
    var faults = ConfigurationFaults()
    for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      do throws(Fault) {
        if let rule = try parse(line: line) { rules.append(rule) }
      } catch {
        faults.add(ConfigurationError(.init(error.text), at: .init(file: path, line: index + 1)))
      }
    }
    guard faults.count == 0 else { throw faults }
    guard !rules.isEmpty else {
      throw SettingFile.fault("access", path, "holds no rule; \(form), or leave the setting out to allow everything")
    }
    guard rules.contains(where: \.allowsLogin) else {
      throw SettingFile.fault("access", path, "allows nobody to log in; give allow IDENTITY login")
    }
    guard rules.count <= maxRules else {
      throw SettingFile.fault("access", path, "holds \(rules.count) rules; give at most \(maxRules)")
    }
    return rules
  }

  /// What is wrong with a line.
  private struct Fault: Error {
    let text: String
  }

  private typealias Word = ArraySlice<UInt8>

  /// The rule of a line; `nil` when there is none on it.
  private static func parse(line: Word) throws(Fault) -> AccessRule? {
    let text = line.prefix { $0 != UInt8(ascii: "#") }
    // A CR is no word: files come from everywhere.
    let words = text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
    guard let first = words.first else { return nil }
    guard Array(first) == Array("allow".utf8) else { throw Fault(text: "'\(shown(first))' begins no rule; \(form)") }
    guard words.count > 2 else { throw Fault(text: "'\(shown(text))' is no whole rule; \(form)") }
    let identity = try identity(words[1])
    switch string(words[2]) {
    case "login": return AccessRule(identity, .login(try schemes(words[3...])))
    case "broadcast":
      try refuse(identity, words[2])
      guard words.count == 3 else {
        throw Fault(text: "'\(shown(words[3]))' is too much; broadcast has no target, and is given alone")
      }
      return AccessRule(identity, .use(.broadcast, [.any]))
    default:
      let rights = try rights(words[2], of: identity)
      return AccessRule(identity, .use(rights, try targets(words[3...], of: identity, words[2])))
    }
  }

  private static func identity(_ word: Word) throws(Fault) -> AccessPattern {
    guard let pattern = AccessPattern(Array(word)), !pattern.isOwn else {
      throw Fault(
        text: "'\(shown(word))' is no identity; give a name (\(names)), NAME/ for all that begin with it, "
          + "* for everybody with a name, or . for who has none")
    }
    return pattern
  }

  private static func schemes(_ words: ArraySlice<Word>) throws(Fault) -> SchemeSet {
    guard !words.isEmpty else { return SchemeSet(Scheme.allCases) }
    var schemes: [Scheme] = []
    for word in words {
      guard let scheme = Scheme.allCases.first(where: { $0.name.description == string(word) }) else {
        throw Fault(text: "'\(shown(word))' is no scheme; give cert, secret or open, or none for all of them")
      }
      schemes.append(scheme)
    }
    return SchemeSet(schemes)
  }

  private static func rights(_ word: Word, of identity: AccessPattern) throws(Fault) -> AccessRights {
    var found: AccessRights = []
    for part in word.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      guard let right = rights.first(where: { $0.name == string(part) })?.right else {
        throw Fault(
          text: "'\(shown(word))' is no right; give login, broadcast, "
            + "or of publish, subscribe, presence and unicast one or several with commas between them")
      }
      if !AccessRights([.publish, .unicast]).contains(right) { try refuse(identity, part) }
      found.formUnion(right)
    }
    return found
  }

  /// Refuses a right that those without a name cannot have.
  private static func refuse(_ identity: AccessPattern, _ right: Word) throws(Fault) {
    guard identity == .name([UInt8(ascii: ".")]) else { return }
    throw Fault(text: "'\(shown(right))' is not for who has no name (.); give login, publish or unicast")
  }

  private static func targets(
    _ words: ArraySlice<Word>, of identity: AccessPattern, _ right: Word
  ) throws(Fault) -> [AccessPattern] {
    guard !words.isEmpty else {
      throw Fault(text: "'\(shown(right))' wants a target; give one or several names, NAME/ or *")
    }
    var patterns: [AccessPattern] = []
    for word in words {
      guard let pattern = AccessPattern(Array(word)) else {
        throw Fault(
          text: "'\(shown(word))' is no target; give a name (\(names)), NAME/ for all that begin with it, "
            + "or *; once in a name, \(AccessPattern.placeholder) stands for the client's own")
      }
      guard !pattern.isOwn || identity != .name([UInt8(ascii: ".")]) else {
        throw Fault(text: "'\(shown(word))' is not for who has no name (.); give a target without %i")
      }
      patterns.append(pattern)
    }
    return patterns
  }

  private static func string(_ word: Word) -> String { String(decoding: word, as: UTF8.self) }

  /// A word of the file, or several, as a message shows them.
  private static func shown(_ word: Word) -> String {
    let text = string(word)
    let isLong = text.count > shownCharacters
    let trimmed = text.drop { $0 == " " || $0 == "\t" }
    return String(trimmed.prefix(shownCharacters)).printable + (isLong ? "..." : "")
  }
}

extension AccessRule {
  fileprivate var allowsLogin: Bool {
    if case .login = permission { return true }
    return false
  }
}
