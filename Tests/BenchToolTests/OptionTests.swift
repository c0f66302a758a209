// The command line.

import CommandLineTools
import Testing

@testable import BenchTool

@Suite("Options")
struct OptionTests {
  private static let server = "tcp://127.0.0.1:1"

  @Test("Options are read in both forms and in any order")
  func reads() throws {
    let options = try BenchOptions(
      arguments: ["--size=32", "unicast", "--connections", "7", "tls://[::1]:8787", "--duration", "250ms", "--json"])
    #expect(options.scenario == .unicast && options.size == 32 && options.connectionCount == 7)
    #expect(options.target?.usesTLS == true && options.duration == 250 && options.printsJSON)
    #expect(options.windowSize == 256 && options.warmupTime == 250)
    #expect(try BenchOptions(arguments: ["idle", Self.server]).connectionCount == 1000)
    #expect(try BenchOptions(arguments: ["--help"]).action == .help(nil))
    #expect(try BenchOptions(arguments: ["--help", "size"]).action == .help("size"))
  }

  @Test("TLS is what is spoken where nothing is said, and localhost is this machine")
  func targets() throws {
    #expect(try Target("127.0.0.1:8787").usesTLS)
    #expect(try !Target("tcp://localhost:8787").usesTLS)
    #expect(try Target("localhost:8787").address == Target("127.0.0.1:8787").address)
    #expect(try !Target("unix:/run/ssmpd").usesTLS)
  }

  @Test(
    "What is wrong is said in one line",
    arguments: [
      ([], "no scenario is given"), (["flood", server], "scenario: 'flood' is not accepted"),
      (["idle"], "no server is given"), (["idle", "example.com:1"], "server: 'example.com:1' is not accepted"),
      (["idle", "tcp://*:1"], "server: "), (["idle", server, "x"], "'x' is one argument too many"),
      (["idle", server, "--nonsense"], "--nonsense is not an option"),
      (["idle", server, "--size"], "--size wants a value"),
      (["idle", server, "--size", "15"], "--size: '15' is not accepted; give a number from 16 to 1024"),
      (["idle", server, "--json=1"], "--json takes no value"),
      (["idle", server, "--duration", "x"], "--duration: 'x'"),
      (["unicast", server, "--rate", "5", "--window", "5"], "--rate and --window exclude each other"),
      (["presence", server, "--rate", "5"], "--rate: presence has none"),
      (["multicast", server, "--count", "5", "--warmup", "1s"], "--warmup: with --count"),
      (["idle", server, "--auth", "magic"], "--auth: 'magic'"),
      (["idle", server, "--auth", "secret"], "--auth secret wants"),
      (["idle", server, "--auth", "cert"], "--auth cert wants"), (["idle", server, "--cert", "x"], "--cert and --key"),
      (["idle", server, "--cacert", "x"], "--cert, --key and --cacert are for tls://"),
      (["idle", "tls://127.0.0.1:1", "--resume"], "--resume: idle connects once"),
      (["connect", server, "--resume"], "--resume: there are no sessions without tls://"),
      (["idle", server, "--user", "a b"], "--user: 'a b'"),
      (["unicast", server, "--connections", "1"], "--connections: "),
      (["presence", server, "--churners", "200"], "--churners: 200 of 200"),
      (["broadcast", server, "--publishers", "101"], "--publishers: 101"),
      (["multicast", server, "--topics", "101"], "--topics: 101 topics would leave some without"),
      (["idle", server, "--user", "a\nb"], "--user: 'a\\u{a}b'"),
      (["-h"], "'-h' is not an option; did you mean --help?"),
      (["idle", server, "--conections", "5"], "--conections is not an option; did you mean --connections?"),
      (["idle", server, "--duration", "5 sec"], "--duration: '5 sec' is not accepted: the units are"),
      (["--help", "sise"], "--help: 'sise' is not accepted: did you mean size?"),
    ])
  func refuses(arguments: [String], reason: String) {
    #expect {
      _ = try BenchOptions(arguments: arguments)
    } throws: { error in
      let text = "\(error)"
      return error is OptionError && text.hasPrefix(reason) && !text.contains("\n")
    }
  }

  @Test("Too many pairs to check are refused before anything is connected")
  func tooMany() throws {
    let options = try BenchOptions(
      arguments: ["multicast", Self.server, "--publishers", "100000", "--subscribers", "1000000"])
    #expect(throws: OptionError.self) { _ = try Plan(options, try Files(options)) }
  }
}

@Suite("Plan")
struct PlanTests {
  private func plan(_ arguments: String...) throws -> Plan {
    let options = try BenchOptions(arguments: arguments + ["tcp://127.0.0.1:1"])
    return try Plan(options, try Files(options))
  }

  @Test("A message's recipients are the members of its topic, without its sender where that is one")
  func recipients() throws {
    let multicast = try plan("multicast", "--subscribers", "10", "--topics", "4", "--publishers", "5")
    #expect((0..<5).map { multicast.recipients(.mcast, of: $0) } == [3, 3, 2, 2, 3])
    #expect(multicast.connections == 15 && multicast.senderBase == 10)
    let broadcast = try plan("broadcast", "--connections", "10", "--topics", "2")
    #expect(broadcast.recipients(.bcast, of: 0) == 4)
    let mixed = try plan("mixed", "--connections", "20", "--topics", "2")
    #expect(mixed.recipients(.mcast, of: 1) == 9 && mixed.recipients(.ucast, of: 1) == 1)
    let presence = try plan("presence", "--connections", "20", "--churners", "3")
    #expect(presence.recipients(.subscribe, of: 0) == 17)
    #expect(try plan("idle", "--connections", "20").recipients(.mcast, of: 0) == 20)
  }
}
