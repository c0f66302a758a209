// The configuration file.

import SSMPCore
import Testing

@testable import ssmpd

@Suite("Configuration file")
struct ConfigurationFileTests {
  /// What a file of this content comes to.
  private func configuration(_ text: String, _ arguments: String...) throws -> Configuration {
    try Configuration(try ConfigurationFile("/f", Array(text.utf8)), overriddenBy: arguments)
  }

  /// The lines that tell of the faults of a file.
  private func faults(_ text: String) throws -> [String] {
    try #require(throws: ConfigurationFaults.self) { try configuration(text) }.lines
  }

  /// What does not fit together, though each line does.
  private func fault(_ text: String, _ arguments: String...) throws -> String {
    let configuration = try Configuration(try ConfigurationFile("/f", Array(text.utf8)), overriddenBy: arguments)
    return try #require(throws: ConfigurationError.self) {
      try configuration.locating { try configuration.validate() }
    }.description
  }

  @Test("Each line sets what the option of the same name sets")
  func everySetting() throws {
    let pairs = [
      ("listen", "tcp://127.0.0.1:1?auth=open"), ("listen", "unix:/s"), ("open", "yes"), ("secret-file", "/secret"),
      ("access", "/access"), ("strict", "yes"), ("cert", "/c"), ("key", "/k"), ("cacert", "/a"), ("crl", "/r"),
      ("ticket-keys", "/t"),
      ("login-timeout", "1s"), ("ping-interval", "2s"), ("pong-timeout", "3s"), ("write-timeout", "4s"),
      ("drain", "3s"), ("max-connections", "5"), ("max-connections-per-address", "6"), ("max-waiting-per-address", "7"),
      ("max-failed-logins", "20"), ("max-rate", "100"), ("max-subscriptions", "8"), ("max-pending", "64KiB"),
      ("max-total-pending", "9MiB"), ("loops", "10"),
      ("admin", "/s"), ("metrics", "tcp://127.0.0.1:1"), ("log-level", "debug"),
    ]
    var fromFile = try configuration(pairs.map { "\($0) \($1)\n" }.joined())
    let fromArguments = try Configuration(arguments: pairs.map { "--\($0)=\($1)" })
    #expect(fromFile.origins.lines["listen"] == [1, 2] && fromFile.origins.lines["log-level"] == [pairs.count])
    fromFile.origins = SettingOrigins()
    #expect(fromFile == fromArguments)
    #expect(fromFile.changes(from: Configuration()).count == Set(pairs.map(\.0)).count)
    let settings = Option.all.filter { $0.change != .notASetting }.map(\.name)
    #expect(Set(settings) == Set(pairs.map(\.0)))
  }

  @Test("Blank lines, comments, tabs, line ends of other systems and the mark of UTF-8 are passed over")
  func blanks() throws {
    let wanted = try configuration("open\nloops 2\nsecret-file /a b")
    for text in [
      "\n\n \t\n# x\n  # y\nopen\n\tloops\t \t2 \t\nsecret-file   /a b  ",
      "#\r\nopen\r\nloops 2\r\nsecret-file /a b\r\n",
      "\u{feff}open\nloops 2\nsecret-file /a b\n",
    ] {
      let read = try configuration(text)
      #expect(read.allowsOpen && read.loops == 2 && read.secretFile == "/a b")
      #expect(read.changes(from: wanted) == [])
    }
  }

  @Test("A value is the rest of the line, # and blanks and = and other letters included")
  func values() throws {
    #expect(try configuration("secret-file /a#b # c").secretFile == "/a#b # c")
    #expect(try configuration("secret-file --open").secretFile == "--open")
    #expect(try configuration("secret-file a=b").secretFile == "a=b")
    #expect(try configuration("secret-file /été/🦊").secretFile == "/été/🦊")
  }

  @Test("A flag is on alone and with yes, and off with no")
  func flags() throws {
    #expect(try configuration("open").allowsOpen)
    #expect(try configuration("open yes").allowsOpen)
    #expect(try !configuration("open no").allowsOpen)
    #expect(
      try faults("open maybe\nstrict YES") == [
        "/f:1: open: 'maybe' is not accepted; give yes or no, or nothing for yes",
        "/f:2: strict: 'YES' is not accepted; give yes or no, or nothing for yes",
      ])
  }

  @Test("An empty file, and one without a last line end, are files")
  func ends() throws {
    #expect(try configuration("").changes(from: Configuration()) == [])
    #expect(try configuration("loops 3").loops == 3)
  }

  @Test("Every fault is one line with file, line, setting, value and what would be accepted")
  func faultsOfLines() throws {
    let wanted = [
      ("ping-interval x", "ping-interval: 'x' is not accepted; give a time from 1ms to 7d (10s, 500ms, 2m)"),
      ("ping-interval 3 # s", "ping-interval: '3 # s' is not accepted; give a time from 1ms to 7d (10s, 500ms, 2m)"),
      ("loops 65", "loops: '65' is not accepted; give a number from 0 to 64"),
      ("max-connections 0", "max-connections: '0' is not accepted; give a number from 1 to 16777216"),
      ("max-waiting-per-address x", "max-waiting-per-address: 'x' is not accepted; give a number from 0 to 16777216"),
      ("max-pending 1KiB", "max-pending: '1KiB' is not accepted; give a size from 64KiB to 1GiB"),
      ("log-level all", "log-level: 'all' is not accepted; give error, warning, notice, info or debug"),
      ("listen here", "listen: 'here' is not accepted; give \(ListenSetting.accepted)"),
      ("listen unix:", "listen: 'unix:' is not accepted; give unix:PATH with a path of 1 to 107 bytes"),
      ("listen unix:/a?auth=x", "listen: 'unix:/a?auth=x' names no known scheme 'x'; give secret or open"),
      ("listen unix:/a?auth=cert", "listen: 'unix:/a?auth=cert' offers cert, which needs TLS; give secret or open"),
      ("cert", "cert wants a value: cert FILE"),
      ("loops", "loops wants a value: loops N"),
      ("secret-file /a\tb", "secret-file: '/a\\u{9}b' holds a control character; give it without"),
      ("secret-file /a\0b", "secret-file: '/a\\u{0}b' holds a control character; give it without"),
      ("check", "check: is for the command line only; leave it out"),
      ("config /x", "config: is for the command line only; leave it out"),
      ("version", "version: is for the command line only; leave it out"),
      ("help", "help: is for the command line only; leave it out"),
      ("ping-intervall 3s", "'ping-intervall' is no setting; did you mean ping-interval?"),
      ("--loops 3", "'--loops' is no setting; did you mean loops?"),
      ("loops=3", "'loops=3' is no setting; write a blank in place of the ="),
      ("chek", "'chek' is no setting; see ssmpd --help"),
      ("port 1", "'port' is no setting; see ssmpd --help"),
      ("\u{1b}[2J x", "'\\u{1b}[2J' holds a control character; give it without"),
    ]
    for (line, reason) in wanted {
      #expect(try faults(line) == ["/f:1: \(reason)"])
      #expect(try faults("# c\n\n\(line)\nopen") == ["/f:3: \(reason)"])
    }
  }

  @Test("A name that is given twice is an error that names the first line, but for listen")
  func twice() throws {
    #expect(
      try faults("loops 1\n\nloops 2\nloops 3") == [
        "/f:3: loops: was given on line 1 already; give it once",
        "/f:4: loops: was given on line 1 already; give it once",
      ])
    #expect(try faults("open\nopen no") == ["/f:2: open: was given on line 1 already; give it once"])
    #expect(try configuration("listen unix:/a\nlisten unix:/b").listen.map(\.text) == ["unix:/a", "unix:/b"])
  }

  @Test("All faults are told of, ten of them with a line each, and the number of the rest")
  func manyFaults() throws {
    let ten = (1...10).map { "/f:\($0): 'x\($0)' is no setting; see ssmpd --help" }
    let text = (1...10).map { "x\($0)\n" }.joined()
    #expect(try faults(text) == ten)
    #expect(try faults(text + "open\nx\nx\n") == ten + ["/f: 2 more faults"])
    #expect(try faults(text + "open\nx\n") == ten + ["/f: 1 more fault"])
    let error = try #require(throws: ConfigurationFaults.self) { try configuration("x1\nx2") }
    #expect(error.description == "\(ten[0]) (and 1 more)")
  }

  @Test("A file that is all faults is done with soon: nobody guesses what the thousandth line meant")
  func allFaults() throws {
    let text = String(repeating: "maxrate 1\n", count: 100_000)
    let clock = ContinuousClock()
    let start = clock.now
    let lines = try faults(text)
    // Guessing took a minute.
    #expect(clock.now - start < .seconds(20))
    #expect(lines.count == ConfigurationFaults.limit + 1 && lines.last == "/f: 99990 more faults")
    #expect(lines[9] == "/f:10: 'maxrate' is no setting; did you mean max-rate?")
  }

  @Test("A file that is no text in UTF-8 is one fault that names the line")
  func noText() throws {
    for (bytes, line) in [([0xff], 1), (Array("open\nloops".utf8) + [0xc3, 10], 2)] as [([UInt8], Int)] {
      let error = try #require(throws: ConfigurationError.self) { try ConfigurationFile("/f", bytes) }
      #expect(error.description == "/f:\(line): is no text in UTF-8; give it as such")
    }
  }

  @Test("What the command line says counts instead of the file's, and what it does not say the file does")
  func precedence() throws {
    let text = "loops 2\nopen\nlisten unix:/a\nlisten unix:/b\nmax-pending 2MiB\nmax-connections 3"
    let both = try configuration(text, "--loops", "3", "--open=no", "--listen", "unix:/c", "--listen=unix:/d")
    #expect(both.loops == 3 && !both.allowsOpen && both.maxPending == 2 << 20 && both.maxConnections == 3)
    #expect(both.listen.map(\.text) == ["unix:/c", "unix:/d"])
    #expect(try configuration("strict no", "--strict").strict)
  }

  @Test("A fault of the file is a fault, also where the command line says something else")
  func overriddenFault() throws {
    let error = try #require(throws: ConfigurationFaults.self) { try configuration("loops x", "--loops", "1") }
    #expect(error.lines == ["/f:1: loops: 'x' is not accepted; give a number from 0 to 64"])
  }

  @Test("What does not fit together is told of at its line, or by its option where that was given")
  func together() throws {
    #expect(
      try fault("listen unix:/a?auth=open\nlisten unix:/b")
        == "/f:2: listen: 'unix:/b' has no authentication scheme; give secret-file FILE or open")
    #expect(
      try fault("listen unix:/a", "--listen", "unix:/b")
        == "--listen: 'unix:/b' has no authentication scheme; give --secret-file FILE or --open")
    #expect(
      try fault("\nlisten unix:/b?auth=secret")
        == "/f:2: listen: 'unix:/b?auth=secret' offers secret, but there is none; give secret-file FILE")
    #expect(
      try fault("")
        == "/f: cert: none is given, and 'tls://*:8787' speaks TLS; give cert FILE with the server's certificate")
    #expect(
      try fault("open\nlisten unix:/s\nkey /k")
        == "/f:3: key: no listener speaks TLS; give listen tls://ADDRESS:PORT, or leave it out")
    #expect(
      try fault("open\nlisten unix:/s", "--key", "/k")
        == "--key: no listener speaks TLS; give --listen tls://ADDRESS:PORT, or leave it out")
    #expect(
      try fault("open\nlisten unix:/s\nmax-pending 2MiB\nmax-total-pending 1MiB")
        == "/f:4: max-total-pending: '1MiB' is not accepted; give at least max-pending, which is 2MiB")
    let many = (0...256).map { "listen unix:/\($0)\n" }.joined()
    #expect(try fault("open\n" + many) == "/f:2: listen: 257 are given; give at most 256")
  }

  @Test("Of a value or a name without end the fault shows the beginning")
  func longValues() throws {
    let long = String(repeating: "x", count: 100_000)
    let shown = String(repeating: "x", count: 64) + "..."
    #expect(try faults("loops \(long)") == ["/f:1: loops: '\(shown)' is not accepted; give a number from 0 to 64"])
    #expect(try faults(long) == ["/f:1: '\(shown)' is no setting; see ssmpd --help"])
  }

  @Test("Files of any bytes are read, or have faults, each of them one line")
  func anyBytes() throws {
    var random = SystemRandomNumberGenerator()
    let names = Option.all.map { Array($0.name.utf8) }
    let pieces = names + [[10], [10], [32], [32], [35], [9], [13], [0], [0xff], [0xc3, 0xa9], Array("yes".utf8), [49]]
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0..<40, using: &random)).flatMap { _ in pieces.randomElement(using: &random) ?? []
      }
      do {
        _ = try Configuration(try ConfigurationFile("/f", bytes), overriddenBy: [])
      } catch let error as ConfigurationFaults {
        #expect(!error.faults.isEmpty && error.lines.allSatisfy { $0.hasPrefix("/f:") && !$0.contains("\n") })
      } catch let error as ConfigurationError {
        #expect(error.description.hasSuffix("give it as such"), "\(bytes)")
      }
    }
  }

  @Test("A line break in the name of the file does not break the line")
  func printablePath() throws {
    let file = try ConfigurationFile("/a\nb", Array("x".utf8))
    let error = try #require(throws: ConfigurationFaults.self) { try Configuration(file, overriddenBy: []) }
    #expect(error.lines == ["/a\\u{a}b:1: 'x' is no setting; see ssmpd --help"])
  }
}
