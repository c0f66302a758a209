// What the daemon says and returns when it is started.

import Foundation
import Testing

@Suite("Command line")
struct CommandLineTests {
  private static let working = ["--listen", "tcp://127.0.0.1:0", "--open"]

  @Test(
    "A start that cannot be ends with code 2 and one line on standard error that says why",
    arguments: [
      ([], "no settings are given; try ssmpd --listen tcp://127.0.0.1:8787 --open, for this machine alone, or see "),
      (["--strict"], "--cert: none is given, and 'tls://*:8787' speaks TLS; give --cert FILE"),
      (["-h"], "'-h' is not an option; did you mean --help?"),
      (["-V"], "'-V' is not an option; did you mean --version?"),
      (working + ["--max-pending", "1M"], "is not accepted: the units are B, KiB, MiB and GiB; give 1MiB"),
      (working + ["--log-level", "warn"], "is not accepted: did you mean warning?; give error, warning, notice,"),
      (["--listen", "tcp://127.0.0.1:99999", "--open"], "port 99999 does not exist; give a number from 0 to 65535"),
      (working + ["--admin", "/etc/passwd"], "'/etc/passwd' cannot be used: something else than a socket is there"),
      (["--listen", "unix:/etc/passwd", "--open"], "'unix:/etc/passwd' cannot be used: something else than a socket"),
      (["--help", "nonsense"], "--help: 'nonsense' is not accepted; give the name of an option, listening, tls, "),
      (["--cert", "/c"], "--key: none is given"),
      (["--cert", "/c", "--key", "/k"], "--cacert: none is given"),
      (working + ["--crl", "/c"], "--crl: no listener speaks TLS"),
      (working + ["--nonsense"], "--nonsense is not an option"),
      (working + ["nonsense"], "'nonsense' is not an option"),
      (working + ["--loops", "many"], "--loops: 'many' is not accepted; give a number from 0 to 64"),
      (working + ["--loops=65"], "--loops: '65' is not accepted"),
      (working + ["--ping-interval", "0s"], "--ping-interval: '0s' is not accepted; give a time from 1ms to 7d"),
      (working + ["--max-pending", "1KiB"], "--max-pending: '1KiB' is not accepted; give a size from 64KiB to 1GiB"),
      (working + ["--log-level", "all\nof it"], "--log-level: 'all\\u{a}of it' is not accepted"),
      (working + ["--strict=on"], "--strict: 'on' is not accepted; give yes or no"),
      (working + ["--check=yes"], "--check takes no value"),
      (working + ["--loops"], "--loops wants a value: --loops N"),
      (working + ["--secret-file", "/nonexistent"], "--secret-file: '/nonexistent' cannot be read: No such file"),
      (["--listen", "127.0.0.1:0", "--open"], "--cert: none is given, and '127.0.0.1:0' speaks TLS"),
      (
        ["--listen", "tcp://localhost:0", "--open"],
        "--listen: 'tcp://localhost:0' is not accepted: host names are not looked up;"
      ),
      (["--listen", "tcp://192.0.2.1:1", "--open"], "'tcp://192.0.2.1:1' cannot be used: bind: "),
    ])
  func refuses(arguments: [String], reason: String) throws {
    let (output, errors, code) = try runToEnd(arguments)
    #expect(code == 2)
    #expect(output == "")
    #expect(errors.contains(reason))
    #expect(errors.hasPrefix("ssmpd: ") && errors.hasSuffix("\n") && errors.count { $0 == "\n" } == 1)
  }

  @Test("A listener without an authentication scheme is refused: open login is never on by itself (clause 27)")
  func refusesNoScheme() throws {
    let (_, errors, code) = try runToEnd(["--listen", "tcp://127.0.0.1:0"])
    #expect(code == 2)
    #expect(
      errors == "ssmpd: --listen: 'tcp://127.0.0.1:0' has no authentication scheme; give --secret-file FILE or --open\n"
    )
  }

  @Test("A listener that offers secret where there is none is refused")
  func refusesMissingSecret() throws {
    let (_, errors, code) = try runToEnd(["--listen", "tcp://127.0.0.1:0?auth=secret"])
    #expect(code == 2)
    #expect(errors.contains("offers secret, but there is none; give --secret-file FILE"))
  }

  @Test("An address that is in use ends the start with code 2 and one line that names bind and the address")
  func addressInUse() throws {
    let server = try ServerProcess()
    let (_, errors, code) = try runToEnd(["--listen", "tcp://127.0.0.1:\(server.port)", "--open"])
    #expect(code == 2)
    #expect(
      errors
        == "ssmpd: --listen: 'tcp://127.0.0.1:\(server.port)' cannot be used: bind: Address already in use\n")
  }

  @Test("An empty secret file ends the start with code 2, and so does --check")
  func emptySecret() throws {
    let file = try TemporaryFile("\n")
    for extra in [[], ["--check"]] {
      let (_, errors, code) = try runToEnd(
        ["--listen", "tcp://127.0.0.1:0", "--secret-file", file.path] + extra)
      #expect(code == 2)
      #expect(
        errors == "ssmpd: --secret-file: '\(file.path)' is empty; give a file with one line of 1 to 1024 bytes\n")
    }
  }

  @Test("--check says ok, ends with code 0, and starts nothing")
  func check() throws {
    let server = try ServerProcess()
    let (output, errors, code) = try runToEnd(["--listen", "tcp://127.0.0.1:\(server.port)", "--open", "--check"])
    #expect(code == 0)
    #expect(output == "ok\n")
    #expect(errors == "")
  }

  @Test("--check finds what a start would find in the settings")
  func checkFindsFaults() throws {
    let (output, errors, code) = try runToEnd(["--check", "--listen", "tcp://127.0.0.1:0"])
    #expect(code == 2)
    #expect(output == "")
    #expect(errors.contains("has no authentication scheme"))
  }

  @Test("--version and --help print on standard output and end with code 0")
  func versionAndHelp() throws {
    let version = try runToEnd(["--version"])
    #expect(version.code == 0)
    #expect(version.output == "ssmpd \(try Release.version)\n")
    #expect(version.errors == "")
    let help = try runToEnd(["--help"])
    #expect(help.code == 0)
    #expect(help.output.contains("usage: ssmpd --cert"))
    #expect(help.errors == "")
    #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
    let long = try runToEnd(["--help", "max-pending"])
    #expect(long.code == 0 && long.errors == "" && long.output.contains("--max-pending SIZE"))
    #expect(long.output.count > 200 && !long.output.contains("--max-rate"))
  }

  @Test("SIGINT ends the server with exit code 0")
  func interrupt() throws {
    let server = try ServerProcess()
    kill(server.process.processIdentifier, SIGINT)
    server.process.waitUntilExit()
    #expect(server.process.terminationReason == .exit)
    #expect(server.process.terminationStatus == 0)
    try server.waitForLog("server stop signal=SIGINT")
  }
}
