// From arguments to settings.

import Testing

@testable import CommandLineTools

/// The settings of a program that there is not.
struct ToolSettings: Equatable {
  var count = 1
  var wait: UInt64 = 0
  var isLoud = false
  var name: String?
  var help: String?
  var given: [String] = []

  static var options: [ProgramOption<ToolSettings>] {
    [
      .number("count", "how often (default: 1)", 1...9) { $0.count = $1 },
      .time("wait", "how long", upTo: "1h") { $0.wait = $1 },
      .action("loud", "make noise") { $0.isLoud = true },
      .value("name", "what it is called", "NAME") { $0.name = $1 },
      .question("help", "print this", "NAME") { $0.help = $1 ?? "all" },
      ProgramOption(name: "color", help: "use colors", effect: .flag { $0.name = $1 ? "colorful" : "gray" }),
    ]
  }
}

@Suite("Option parser")
struct OptionParserTests {
  private func parse(_ arguments: [String], operands: Bool = true) throws -> (ToolSettings, [String]) {
    var settings = ToolSettings()
    var parser = OptionParser("tool", ToolSettings.options)
    parser.takesOperands = operands
    parser.letters["n"] = "name"
    parser.guess = { $0.hasSuffix(".txt") ? "--name \($0)" : nil }
    let words = try parser.parse(arguments, into: &settings) { option, isFirst, settings in
      if isFirst { settings.given.append(option.name) }
    }
    return (settings, words)
  }

  private func fault(_ arguments: String..., operands: Bool = true) throws -> String {
    try #require(throws: OptionError.self) { try parse(arguments, operands: operands) }.description
  }

  @Test("Options and operands stand in any order, and a value behind = or as the next argument")
  func reads() throws {
    let (settings, words) = try parse(["one", "--count=3", "two", "--wait", "2m", "--loud", "--name", "--odd", "three"])
    #expect(settings.count == 3 && settings.wait == 120_000 && settings.isLoud && settings.name == "--odd")
    #expect(words == ["one", "two", "three"])
    #expect(try parse(["--name=a=b"]).0.name == "a=b")
    #expect(try parse(["--name="]).0.name == "")
  }

  @Test("After -- every argument is an operand, if the program takes operands")
  func end() throws {
    #expect(try parse(["--loud", "--", "--count", "-x"]).1 == ["--count", "-x"])
    #expect(try fault("--", operands: false) == "'--' is not an option; see tool --help")
  }

  @Test("Of an option that is given twice the last one counts, and each is announced as the first once")
  func repeated() throws {
    let (settings, _) = try parse(["--count", "2", "--loud", "--count", "3"])
    #expect(settings.count == 3 && settings.given == ["count", "loud"])
  }

  @Test("A question takes a word, or the name of an option that has no value")
  func question() throws {
    #expect(try parse(["--help"]).0.help == "all")
    #expect(try parse(["--help", "count"]).0.help == "count")
    #expect(try parse(["--help", "--count"]).0.help == "--count")
    #expect(try parse(["--help", "--loud", "--loud"]).0.help == "--loud")
    #expect(try parse(["--help", "--count", "2"]).0.help == "all")
  }

  @Test("A flag is on alone and with yes, and off with no")
  func flag() throws {
    #expect(try parse(["--color"]).0.name == "colorful")
    #expect(try parse(["--color=yes"]).0.name == "colorful")
    #expect(try parse(["--color=no"]).0.name == "gray")
    #expect(try fault("--color=x") == "--color: 'x' is not accepted; give yes or no, or nothing for yes")
  }

  @Test("What is no option is named, with what was meant if that can be guessed")
  func unknown() throws {
    #expect(try fault("--volume", "1") == "--volume is not an option; see tool --help")
    #expect(try fault("--cuont=1") == "--cuont is not an option; did you mean --count?")
    #expect(try fault("-h") == "'-h' is not an option; did you mean --help?")
    #expect(try fault("-n") == "'-n' is not an option; did you mean --name?")
    #expect(try fault("-count") == "'-count' is not an option; did you mean --count?")
    #expect(try fault("-x") == "'-x' is not an option; see tool --help")
    #expect(try fault("word", operands: false) == "'word' is not an option; see tool --help")
    #expect(try fault("a.txt", operands: false) == "'a.txt' is not an option; did you mean --name a.txt?")
  }

  @Test("A value that is missing, superfluous or not accepted is named with the option")
  func values() throws {
    #expect(try fault("--count") == "--count wants a value: --count N")
    #expect(try fault("--loud=1") == "--loud takes no value")
    #expect(try fault("--count", "10") == "--count: '10' is not accepted; give a number from 1 to 9")
    #expect(try fault("--wait", "61m") == "--wait: '61m' is not accepted; give a time up to 1h (10s, 500ms, 2m)")
    #expect(try fault("--wait", "1 min") == "--wait: '1 min' is not accepted: the units are ms, s, m, h and d; give 1m")
  }

  @Test("Whatever is typed, the error is one line of a bounded length")
  func oneLine() throws {
    let long = String(repeating: "x\n", count: 1000)
    for text in [try fault("--\(long)"), try fault("-\(long)"), try fault("--count", long)] {
      #expect(!text.contains("\n") && text.utf8.count < 1000)
    }
  }
}
