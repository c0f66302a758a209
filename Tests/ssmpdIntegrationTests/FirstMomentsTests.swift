// Signals that come before a server is ready, and checks before there is one.

import Foundation
import TLSHarness
import Testing

@Suite("First moments")
struct FirstMomentsTests {
  @Test(
    "A signal for a reload or a report while the server reads its files does not end it", arguments: [SIGHUP, SIGUSR1])
  func signals(signal: Int32) throws {
    // Reading waits for a pipe, so that the signal comes in the middle of it.
    let pipe = TemporaryFile.newPath()
    #expect(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    let log = try TemporaryFile("")
    let process = Process()
    process.executableURL = ServerProcess.binary
    process.arguments = ["--listen", "tcp://127.0.0.1:0", "--log-level", "info", "--secret-file", pipe]
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log.path))
    try process.run()
    defer {
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
    }
    // Opening the pipe ends when the other side has opened it.
    let writer = open(pipe, O_WRONLY)
    for _ in 0..<3 { kill(process.processIdentifier, signal) }
    usleep(50_000)
    _ = write(writer, "0123456789abcdef\n", 17)
    close(writer)
    // The signal has waited.
    try eventually("the server listens, and does what it was told") {
      let text = try String(contentsOfFile: log.path, encoding: .utf8)
      return text.contains(" listen address=") && text.contains(signal == SIGHUP ? " reload " : " report ")
    }
    #expect(process.isRunning)
  }

  @Test("--check knows of a folder that is not there, of the same address twice, and of a rule for what nobody offers")
  func check() throws {
    let admin = try runToEnd(["--check", "--listen", "tcp://127.0.0.1:0", "--open", "--admin", "/nonexistent/s"])
    #expect(admin.code == 2)
    #expect(
      admin.errors == "ssmpd: --admin: '/nonexistent/s' cannot be used: there is no folder '/nonexistent'; make it\n")
    let twice = try runToEnd(["--check", "--open", "--listen", "tcp://127.0.0.1:1", "--listen", "tcp://127.0.0.1:1"])
    #expect(twice.code == 2 && twice.errors.contains("give each address once"))
    let rules = try TemporaryFile("allow a login cert\nallow b login\n")
    let futile = try runToEnd(
      ["--check", "--listen", "tcp://127.0.0.1:0", "--open", "--access", rules.path, "--user", "root"])
    #expect(futile.code == 0 && futile.output == "ok\n")
    #expect(futile.errors.contains("warning: --access: '\(rules.path)': 'allow a login cert' lets nobody in"))
  }

  @Test("A secret with a byte order mark works")
  func byteOrderMark() throws {
    let file = try TemporaryFile("\u{feff}correct horse battery\n")
    let server = try ServerProcess(["--secret-file", file.path])
    let client = try server.connect()
    client.send("LOGIN a secret correct horse battery\n")
    client.expect("200\n")
  }

  @Test("A secret of a few bytes ends a start and a check with a line that says how to mean it")
  func shortSecret() throws {
    let file = try TemporaryFile("hello\n")
    let arguments = ["--listen", "tcp://127.0.0.1:0", "--secret-file", file.path]
    for more in [[], ["--check"]] {
      let (_, errors, code) = try runToEnd(arguments + more)
      #expect(code == 2)
      #expect(
        errors
          == "ssmpd: --secret-file: '\(file.path)' holds a secret of 5 bytes, which can be guessed; give 16 or more, "
          + "or '\(file.path)?short' if a short one is meant\n")
    }
    let server = try ServerProcess(["--secret-file", "\(file.path)?short"])
    let client = try server.connect()
    client.send("LOGIN a secret hello\n")
    client.expect("200\n")
  }

  @Test("secret on a public port without TLS is warned of, as open is")
  func plainSecret() throws {
    let file = try TemporaryFile("correct horse battery\n")
    let server = try ServerProcess(["--secret-file", file.path], listen: "tcp://0.0.0.0:0")
    try server.waitForLog(" warning listen secret address=tcp://0.0.0.0:")
    let local = try ServerProcess(["--secret-file", file.path], listen: "tcp://127.0.0.1:0")
    #expect(!local.logLines.contains { $0.contains("listen secret") })
  }

  @Test(
    "root checks as the server's user would read, and says that it cannot know who that is",
    .enabled(if: getuid() == 0, "only root can read as somebody else"))
  func checkAsUser() throws {
    let file = try TemporaryFile("correct horse battery\n")
    let arguments = ["--check", "--listen", "tcp://127.0.0.1:0", "--secret-file", file.path]
    chmod(file.path, 0o600)
    let nobody = try runToEnd(arguments + ["--user", "nobody"])
    #expect(nobody.code == 2)
    #expect(
      nobody.errors
        == "ssmpd: --secret-file: '\(file.path)' cannot be read: Permission denied; read as the user nobody "
        + "(--user NAME for another one)\n")
    let root = try runToEnd(arguments + ["--user", "root"])
    #expect(root == ("ok\n", "", 0))
    if getpwnam("ssmpd") == nil {
      let unknown = try runToEnd(arguments)
      #expect(unknown.code == 0 && unknown.output == "ok\n")
      #expect(
        unknown.errors
          == "ssmpd: warning: read as root, who may read what the server's user may not: '\(file.path)'; "
          + "give --user NAME with that user\n")
    }
    chmod(file.path, 0o644)
    #expect(try runToEnd(arguments + ["--user", "nobody"]) == ("ok\n", "", 0))
    #expect(try runToEnd(arguments + ["--user", "no-such-user"]).code == 2)
    #expect(try runToEnd(Array(arguments.dropFirst()) + ["--user", "nobody"]).code == 2)
  }

  @Test("A start with old ticket keys on a disk that takes nothing warns and goes on")
  func fullDisk() throws {
    let server = try TLSServer()
    let path = server.files.path("tickets")
    _ = try ServerProcess(server.files.arguments + ["--ticket-keys", path], listen: "tls://127.0.0.1:0").stop()
    let old = try String(contentsOfFile: path, encoding: .utf8)
    let created = try #require(old.split(separator: "\n")[1].split(separator: " ").first)
    let earlier = try #require(Int(created)) - 2 * 86_400
    try server.files.write("tickets", old.replacingOccurrences(of: created, with: "\(earlier)"))
    // Where the new file would be, there is a folder with something in it: it cannot be made, as on a full disk.
    try FileManager.default.createDirectory(atPath: path + ".new/x", withIntermediateDirectories: true)
    let check = try runToEnd(
      server.files.arguments + ["--listen", "tls://127.0.0.1:0", "--ticket-keys", path, "--check", "--user", "root"])
    #expect(check.code == 0 && check.errors.contains("cannot be written: File exists"))
    let again = try ServerProcess(server.files.arguments + ["--ticket-keys", path], listen: "tls://127.0.0.1:0")
    try again.waitForLog(" warning tls ticket-keys file=\(path) because=\"cannot be written: File exists\"")
    let client = try TLSClient(port: again.port, authority: server.authority)
    try client.handshake()
    #expect(again.process.isRunning)
  }
}
