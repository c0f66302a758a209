// Reading of the file with the access rules.

import Foundation
import SSMPCore
import Testing

@testable import ssmpd

@Suite("Access file")
struct AccessFileTests {
  private func parse(_ text: String) throws -> [AccessRule] {
    try AccessFile.parse(Array(text.utf8), of: "/access")
  }

  private func faults(_ text: String) throws -> [String] {
    let error = try #require(throws: (any Error).self) { try parse(text) }
    return (error as? ConfigurationFaults)?.lines ?? ["\(error)"]
  }

  /// The fault of one line, without the place in front.
  private func fault(_ line: String) throws -> String {
    let lines = try faults("allow * login\n\(line)\n")
    try #require(lines.count == 1 && lines[0].hasPrefix("/access:2: "), "\(lines)")
    return String(lines[0].dropFirst("/access:2: ".count))
  }

  private func name(_ text: String) -> AccessPattern { .name(Array(text.utf8)) }

  private static let all = SchemeSet(Scheme.allCases)
  private static let form = "give allow IDENTITY RIGHT TARGET..."
  private static let names = "letters, digits and . : @ / _ - + = ~, 64 at most"

  @Test("Each form of a rule is read")
  func forms() throws {
    #expect(
      try parse(
        """
        allow hub login
        allow cam/ login cert secret
        allow . login open
        allow * publish *
        allow hub broadcast
        allow cam/ publish,subscribe status/%i/ a/b b/
        allow hub subscribe,presence,unicast,publish x
        """)
        == [
          AccessRule(name("hub"), .login(Self.all)),
          AccessRule(name("cam/"), .login(SchemeSet([.cert, .secret]))),
          AccessRule(name("."), .login(SchemeSet([.open]))),
          AccessRule(.any, .use(.publish, [.any])),
          AccessRule(name("hub"), .use(.broadcast, [.any])),
          AccessRule(
            name("cam/"),
            .use(
              [.publish, .subscribe],
              [.own(before: Array("status/".utf8), after: Array("/".utf8)), name("a/b"), name("b/")])),
          AccessRule(name("hub"), .use([.publish, .subscribe, .presence, .unicast], [name("x")])),
        ])
  }

  @Test("Comments, empty lines, tabs, spaces, CR LF and a last line without an end mean nothing")
  func spacing() throws {
    let wanted = [AccessRule(name("a"), .login(Self.all)), AccessRule(name("a"), .use(.publish, [name("t")]))]
    #expect(try parse("allow a login\nallow a publish t\n") == wanted)
    #expect(try parse("# who\r\n\r\n  allow\ta  login # all\r\n\t\nallow a publish t#x") == wanted)
  }

  @Test("A file without a rule, or without a login, is refused", arguments: ["", "\n", "# allow * login\n", "\r\n \t"])
  func empty(text: String) throws {
    #expect(
      try faults(text) == [
        "--access: '/access' holds no rule; \(Self.form), or leave the setting out to allow everything"
      ]
    )
    #expect(
      try faults(text + "\nallow a publish t\n")
        == ["--access: '/access' allows nobody to log in; give allow IDENTITY login"])
  }

  @Test(
    "What begins no rule, or ends before it is one, is named",
    arguments: ["deny a login", "Allow a login", "allow,a login", "\u{feff}allow a login", "a"])
  func beginnings(line: String) throws {
    let word = line.split(separator: " ")[0]
    #expect(try fault(line) == "'\(String(word).printable)' begins no rule; \(Self.form)")
  }

  @Test("A rule that is not whole is shown", arguments: ["allow", "allow a", "  allow\ta  # login"])
  func unfinished(line: String) throws {
    let shown = line.hasPrefix(" ") ? "allow\\u{9}a  " : line
    #expect(try fault(line) == "'\(shown)' is no whole rule; \(Self.form)")
  }

  @Test("What no identity can be is named", arguments: ["a*", "%i", "cam/%i", "ä", "a,b", "**", "a\u{0}b"])
  func identities(word: String) throws {
    #expect(
      try fault("allow \(word) login")
        == "'\(word.printable)' is no identity; give a name (\(Self.names)), NAME/ for all that begin with it, "
        + "* for everybody with a name, or . for who has none")
  }

  @Test(
    "What is no right is named",
    arguments: [
      "publsh", "Publish", "all", "*", "publish,", ",publish", "publish,login", "publish,broadcast", "login,",
    ])
  func rights(word: String) throws {
    #expect(
      try fault("allow a \(word) t")
        == "'\(word)' is no right; give login, broadcast, or of publish, subscribe, presence and unicast "
        + "one or several with commas between them")
  }

  @Test("What is no target is named", arguments: ["a*", "cams/*", "%", "%j/", "%i%i", "ä", "a,b", "\u{1b}[2J"])
  func targets(word: String) throws {
    #expect(
      try fault("allow a publish ok \(word)")
        == "'\(word.printable)' is no target; give a name (\(Self.names)), NAME/ for all that begin with it, or *; "
        + "once in a name, %i stands for the client's own")
  }

  @Test("A right that wants a target has one; broadcast has none, and login schemes")
  func wrongTargets() throws {
    #expect(
      try fault("allow a publish,subscribe")
        == "'publish,subscribe' wants a target; give one or several names, NAME/ or *")
    #expect(
      try fault("allow a broadcast *") == "'*' is too much; broadcast has no target, and is given alone")
    #expect(
      try fault("allow a login *") == "'*' is no scheme; give cert, secret or open, or none for all of them")
  }

  @Test("Who has no name can have no right that anonymous connections never have")
  func anonymous() throws {
    for right in ["subscribe", "presence"] {
      #expect(
        try fault("allow . publish,\(right) t")
          == "'\(right)' is not for who has no name (.); give login, publish or unicast")
    }
    #expect(
      try fault("allow . broadcast") == "'broadcast' is not for who has no name (.); give login, publish or unicast")
    #expect(
      try fault("allow . publish of/%i")
        == "'of/%i' is not for who has no name (.); give a target without %i")
  }

  @Test("A word that is very long is cut, and bytes that are no text do no harm")
  func strangeWords() throws {
    let word = String(repeating: "w", count: 200)
    #expect(try fault(word) == "'\(word.prefix(80))...' begins no rule; \(Self.form)")
    let error = try #require(throws: ConfigurationFaults.self) {
      try AccessFile.parse([0xff, 0xfe, 0, 10], of: "/access")
    }
    #expect(error.description == "/access:1: '\u{fffd}\u{fffd}\\u{0}' begins no rule; \(Self.form)")
  }

  @Test("Several faults are told with their lines, ten of them, and how many more there are")
  func severalFaults() throws {
    let three = try faults("allow * login\nx\n\nallow a b c\nallow a publish\n")
    #expect(three.map { $0.prefix(11) } == ["/access:2: ", "/access:4: ", "/access:5: "])
    let many = try faults(String(repeating: "x\n", count: 25))
    #expect(many.count == 11 && many[9].hasPrefix("/access:10: 'x' begins no rule"))
    #expect(many[10] == "/access: 15 more faults")
    #expect(try faults(String(repeating: "x\n", count: 10)).count == 10)
  }

  @Test("More rules than can be are refused, and as many as can be are read")
  func tooMany() throws {
    let most = String(repeating: "allow * login\n", count: 50)
    #expect(try AccessFile.parse(Array(most.utf8), of: "/access", maxRules: 50).count == 50)
    let error = try #require(throws: ConfigurationError.self) {
      try AccessFile.parse(Array((most + "allow * login\n").utf8), of: "/access", maxRules: 50)
    }
    #expect(error.description == "--access: '/access' holds 51 rules; give at most 50")
  }

  @Test("A file that is too large, or cannot be read, is refused")
  func files() throws {
    let missing = try #require(throws: ConfigurationError.self) {
      var reading = FileReading(.start)
      return try AccessFile.read("/nonexistent/access", &reading)
    }
    #expect(missing.description == "--access: '/nonexistent/access' cannot be read: No such file or directory")
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("access-\(UUID().uuidString)").path
    try Data("allow * login\n#".utf8 + Array(repeating: UInt8(ascii: "#"), count: 1 << 20)).write(
      to: URL(fileURLWithPath: path))
    defer { unlink(path) }
    let large = try #require(throws: ConfigurationError.self) {
      var reading = FileReading(.start)
      return try AccessFile.read(path, &reading)
    }
    #expect(large.description == "--access: '\(path)' is larger than 1MiB")
  }

  @Test("The example of docs/access.md is the one that is packaged, and is without fault")
  func example() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appendingPathComponent("docs/access.md"), encoding: .utf8)
    let packaged = try String(contentsOf: root.appendingPathComponent("packaging/access.example"), encoding: .utf8)
    let blocks = page.components(separatedBy: "```\n").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    let example = try #require(blocks.max { $0.count < $1.count })
    #expect(packaged.hasSuffix(example))
    #expect(try parse(packaged).count == example.split(separator: "\n").count { $0.hasPrefix("allow ") })
    #expect(try parse(packaged) == parse(example))
  }
}
