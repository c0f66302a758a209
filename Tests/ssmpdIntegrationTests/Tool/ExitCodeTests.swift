// How ssmp ends, and what it says then.

import Foundation
import Testing

@Suite("ssmp: exit codes")
struct ExitCodeTests {
  @Test(
    "Wrong command lines are 2, with one line that helps",
    arguments: [
      ([], "no command is given; see ssmp --help"), (["pubb"], "did you mean pub?"),
      (["pub"], "usage: ssmp pub TOPIC [TEXT]"), (["pub", "a", "b", "c"], "that is too much"),
      (["pub", "a b", "x"], "1 to 64 letters"), (["sub", "t", "-o", "xml"], "give text, wire or json"),
      (["sub", "t", "--formt", "%p"], "did you mean --format?"), (["sub", "t", "-F", "%q"], "after each %"),
      (["-s", "http://x", "who", "t"], "tls://HOST:PORT"), (["--fd", "6", "who", "t"], "such as 6,7"),
      (["-c", "../x", "who", "t"], "a name of letters"), (["-c", "none", "who", "t"], "cannot be read"),
      (["--key", "k", "who", "t"], "--key needs --cert"),
      (["serve", "v", "--", "/nonexistent"], "a program that can be run"),
      (["context", "rm"], "give ls or show NAME"), (["completion", "tcsh"], "bash, zsh or fish"),
      (["pub", "t", "x", "-f", "y"], "cannot be given together"), (["sub", "t", "-n", "0"], "a number from 1"),
      (["--secret-file", "x", "--open", "who", "t"], "cannot be given together"),
      (["pub", "t", "-f", "/nonexistent"], "No such file"), (["-n", "1", "sub", "t"], "stands behind its command"),
      (["req", "-a", "--best", "a", "b"], "cannot be given together"),
      (["--fd", "876,877", "who", "t"], "descriptor 876 is not open"),
      (["--cert", "/dev/null", "who", "t"], "certificate"),
    ] as [([String], String)])
  func usage(arguments: [String], hint: String) throws {
    let result = try ToolProcess.run(arguments)
    #expect(result.status == 2, "\(result.errors)")
    #expect(result.errors.contains(hint) && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    #expect(result.text.isEmpty)
  }

  @Test(
    "Help and the version are 0",
    arguments: [["--help"], ["--version"], ["sub", "--help"], ["--help", "sub"], ["help"]])
  func help(arguments: [String]) throws {
    let result = try ToolProcess.run(arguments)
    #expect(result.status == 0 && !result.text.isEmpty && result.errors.isEmpty)
    #expect(result.text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test("No server, and one that is not trusted, are 3")
  func unreachable() throws {
    #expect(try ToolProcess.run(["-s", "tcp://127.0.0.1:1", "pub", "t", "x"]).status == 3)
    #expect(try ToolProcess.run(["-s", "unix:/nonexistent", "pub", "t", "x"]).status == 3)
    let server = try TLSServer()
    let url = "tls://127.0.0.1:\(try server.process.port(of: "tls"))"
    let distrust = try ToolProcess.run(["-s", url, "pub", "t", "x"])
    #expect(distrust.status == 3)
    #expect(distrust.errors.contains("certificate"))
  }

  @Test("A login that is refused is 4, and names the schemes")
  func loginRefused() throws {
    let server = try TLSServer()
    let url = "tls://127.0.0.1:\(try server.process.port(of: "tls"))"
    let result = try ToolProcess.run(["-s", url, "--ca", server.files.path("ca.pem"), "pub", "t", "x"])
    #expect(result.status == 4)
    #expect(result.errors.contains("cert"))
  }

  @Test("A connection that is lost is 5, at once")
  func lost() throws {
    let server = try ServerProcess()
    let tool = try ToolProcess(["sub", "t", "--ready", "2"], server: server)
    try tool.waitForError("\n")
    kill(server.process.processIdentifier, SIGKILL)
    #expect(try tool.end() == 5)
  }

  @Test("What is not allowed is 7: an anonymous client cannot subscribe")
  func notAllowed() throws {
    let server = try ServerProcess()
    #expect(try ToolProcess.run(["-i", ".", "sub", "t"], server: server).status == 7)
    #expect(try ToolProcess.run(["-i", ".", "pub", "t", "x"], server: server).status == 0)
  }

  @Test("The time of -W is 124: while nothing comes, and while a server says nothing")
  func timeOver() throws {
    let server = try ServerProcess()
    #expect(try ToolProcess.run(["sub", "t", "-W", "200ms"], server: server).status == 124)
    let silent = try SilentListener()
    let result = try ToolProcess.run(["-s", "tcp://127.0.0.1:\(silent.port)", "-W", "200ms", "pub", "t", "x"])
    #expect(result.status == 124)
  }

  @Test("Signals are 128 and their number, behind a CLOSE", arguments: [SIGINT, SIGTERM, SIGHUP])
  func signals(number: Int32) throws {
    let server = try ServerProcess()
    let tool = try ToolProcess(["-i", "me", "sub", "t", "--ready", "2"], server: server)
    try tool.waitForError("\n")
    tool.signal(number)
    #expect(try tool.end() == 128 + number)
    #expect(try server.waitForLog("reason=close-request").contains("me"))
  }

  @Test("A second signal ends it at once, though the server does not answer CLOSE")
  func secondSignal() throws {
    let silent = try SilentListener()
    let tool = try ToolProcess(["-s", "tcp://127.0.0.1:\(silent.port)", "sub", "t"])
    try eventually("it has connected") { silent.hasConnection }
    tool.signal(SIGINT)
    tool.signal(SIGTERM)
    #expect([130, 143].contains(try tool.end()))
  }

  @Test("A reader of the output that has enough ends it quietly")
  func brokenPipe() throws {
    let server = try ServerProcess()
    let script =
      "\"$0\" -s tcp://127.0.0.1:\(server.port) sub t --ready 3 3>\"$1\" | head -n 1; echo \"${PIPESTATUS[0]}\""
    let ready = try TemporaryFile("")
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", script, ToolProcess.binary.path, ready.path]
    let (output, errors) = (Pipe(), Pipe())
    shell.standardOutput = output
    shell.standardError = errors
    try shell.run()
    try eventually("it has subscribed") { (try? String(contentsOfFile: ready.path, encoding: .utf8)) == "\n" }
    while shell.isRunning {
      #expect(try ToolProcess.run(["pub", "t", "x"], server: server).status == 0)
    }
    #expect(String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "x\n141\n")
    #expect(errors.fileHandleForReading.readDataToEndOfFile().isEmpty)
  }
}

/// A listener whose connections the kernel accepts, and nobody answers.
private final class SilentListener: @unchecked Sendable {
  let port: UInt16
  private let descriptor: Int32

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    try #require(bound)
    port = UInt16(bigEndian: address.sin_port)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// True when somebody has connected.
  var hasConnection: Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, 0) == 1
  }
}
