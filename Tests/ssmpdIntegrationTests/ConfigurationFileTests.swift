// What the daemon says of a configuration file when it is started.

import Foundation
import Testing

@Suite("Starting with a configuration file")
struct StartingWithConfigurationFileTests {
  @Test("--check says ok to a good file, and starts nothing")
  func good() throws {
    let file = try TemporaryFile("# a server\nlisten tcp://127.0.0.1:0\nopen\n")
    let (output, errors, code) = try runToEnd(["--config", file.path, "--check"])
    #expect((output, errors, code) == ("ok\n", "", 0))
  }

  @Test("All faults of a file are told of, one line each, by --check and by a start, which ends with code 2")
  func faults() throws {
    let file = try TemporaryFile("listen tcp://127.0.0.1:0\nopen\nping-interval x\nmax-conections 3\nopen\n")
    for extra in [[], ["--check"]] {
      let (output, errors, code) = try runToEnd(["--config", file.path] + extra)
      #expect(code == 2)
      #expect(output == "")
      #expect(
        errors == """
          ssmpd: \(file.path):3: ping-interval: 'x' is not accepted; give a time from 1ms to 7d (10s, 500ms, 2m)
          ssmpd: \(file.path):4: 'max-conections' is no setting; did you mean max-connections?
          ssmpd: \(file.path):5: open: was given on line 2 already; give it once

          """)
    }
  }

  @Test("What a file that is named holds, and an address that cannot be used, are faults of their lines")
  func linesOfFiles() throws {
    let secret = try TemporaryFile("\n")
    let file = try TemporaryFile("listen unix:/nonexistent/s?auth=open\n\nsecret-file \(secret.path)?short\n")
    let (_, errors, code) = try runToEnd(["--config", file.path])
    #expect(code == 2)
    #expect(
      errors
        == "ssmpd: \(file.path):3: secret-file: '\(secret.path)' is empty; give a file with one line of 1 to 1024 bytes\n"
    )
    try secret.write(Array("s\n".utf8))
    let (_, unusable, codeToo) = try runToEnd(["--config", file.path])
    #expect(codeToo == 2)
    #expect(unusable.hasPrefix("ssmpd: \(file.path):1: listen: 'unix:/nonexistent/s?auth=open' cannot be used: bind: "))
    #expect(unusable.count { $0 == "\n" } == 1)
  }

  @Test("A file that cannot be read, is too large, or is no text, is one line and code 2")
  func unreadable() throws {
    let large = try TemporaryFile(String(repeating: "#\n", count: 1 << 20))
    let binary = try TemporaryFile(Array("open\n".utf8) + [0xff, 0xfe])
    for (path, reason) in [
      ("/nonexistent", "--config: '/nonexistent' cannot be read: No such file or directory"),
      ("/", "--config: '/' cannot be read: Is a directory"),
      (large.path, "--config: '\(large.path)' is larger than 1MiB"),
      (binary.path, "\(binary.path):2: is no text in UTF-8; give it as such"),
    ] {
      let (output, errors, code) = try runToEnd(["--config", path, "--check"])
      #expect((output, errors, code) == ("", "ssmpd: \(reason)\n", 2))
    }
  }

  @Test("Options count instead of the file's settings")
  func precedence() throws {
    let file = try TemporaryFile("listen unix:/nonexistent/s\nmax-subscriptions 5\nlog-level error\n")
    let server = try ServerProcess(["--config", file.path, "--open", "--max-subscriptions", "1"])
    let client = try server.login("a")
    client.send("SUBSCRIBE one\nSUBSCRIBE two\n")
    client.expect("200\n405\n")
  }

  @Test("--help and --version are given whatever is in the file")
  func help() throws {
    for option in ["--help", "--version"] {
      let (output, errors, code) = try runToEnd(["--config", "/nonexistent", option])
      #expect(code == 0 && errors == "" && !output.isEmpty)
    }
  }

  @Test("A mistyped option gets the one that was probably meant")
  func mistyped() throws {
    let (_, errors, code) = try runToEnd(["--confg", "/f"])
    #expect(code == 2)
    #expect(errors == "ssmpd: --confg is not an option; did you mean --config?\n")
  }
}
