// ssmp console without a terminal, against the real server.

import Foundation
import TLSHarness
import Testing

@Suite("ssmp: console, piped")
struct ConsoleTests {
  private func run(_ lines: String, _ arguments: [String] = [], _ server: ServerProcess) throws -> (
    status: Int32, text: String, errors: String
  ) {
    try ToolProcess.run(["-i", "amy", "console"] + arguments, server: server, input: Array(lines.utf8))
  }

  @Test("Each line gets its response, in order, and the end of the input ends the session")
  func responses() throws {
    let server = try ServerProcess()
    let result = try run(
      "SUBSCRIBE news PRESENCE\nMCAST news hi\nPING\n\nUCAST amy self\n/sub other\n/unsub other\nunsubscribe news",
      [],
      server)
    // Whether the message to itself or the response to it is printed first is a matter of chance.
    let lines = result.text.split(separator: "\n").map(String.init)
    #expect(Array(lines.prefix(3)) == ["200 OK", "200 OK", "PONG"])
    #expect(lines.count(where: { $0 == "200 OK" }) == 6)
    #expect(lines.contains("amy UCAST amy self"))
    #expect(result.status == 0)
    #expect(result.errors.isEmpty, "\(result.errors)")
  }

  @Test(
    "A line that is refused, or cannot be sent, is the exit code; the lines behind it are sent",
    arguments: [
      ("UCAST nobody x", 6), ("FOO bar", 1), ("SUBSCRIBE t\nSUBSCRIBE t", 1), ("UNSUBSCRIBE t", 6), ("hello", 2),
      ("/pub", 2), ("MCAST t", 8), ("/who t", 6), ("UCAST nobody x\nFOO", 6),
    ] as [(String, Int32)])
  func refused(lines: String, code: Int32) throws {
    let server = try ServerProcess()
    let result = try run(lines + "\nPING\n", [], server)
    #expect(result.status == code)
    #expect(result.text.hasSuffix("PONG\n"))
    #expect(result.errors.contains("line 1: ") == (code == 2 || code == 8))
  }

  @Test("CLOSE ends the session with its response, whatever follows", arguments: ["CLOSE", "/quit"])
  func close(line: String) throws {
    let server = try ServerProcess()
    let result = try run("PING\n\(line)\nPING\n", [], server)
    #expect(result.text == "PONG\n200 OK\n")
    #expect(result.status == 0)
  }

  @Test("Events are printed as they come, their bytes as they are")
  func events() throws {
    let server = try ServerProcess()
    let console = try ToolProcess(["-i", "amy", "console"], server: server, keepsInput: true)
    console.write("SUBSCRIBE news PRESENCE\n")
    try console.waitForOutput("200 OK\n")
    let bob = try server.login("bob")
    bob.send("SUBSCRIBE news\nMCAST news \u{1b}[31mred\nUCAST amy hi\n")
    try console.waitForOutput("bob SUBSCRIBE news\nbob MCAST news \u{1b}[31mred\nbob UCAST amy hi\n")
    console.write("/who news\n")
    try console.waitForOutput("news: bob\n")
    console.endInput()
    #expect(try console.end() == 0)
  }

  @Test("The forms of -o and -F apply to events")
  func forms() throws {
    let server = try ServerProcess()
    #expect(try run("/msg amy a\\nb\n", ["-o", "wire"], server).text.contains("000 amy UCAST amy \0\u{2}a\nb\n"))
    #expect(try run("/msg amy a\n", ["-F", "%i=%p"], server).text.contains("amy=a\n"))
    let json = try run("/msg amy a\nPING\n", ["-o", "json"], server).text
    #expect(json.contains("\"text\":\"a\"}\n") && json.contains("\"code\":200}\n"))
    #expect(json.split(separator: "\n").allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
  }

  @Test("A connection that is lost is 5")
  func lost() throws {
    let server = try ServerProcess()
    let console = try ToolProcess(["-i", "amy", "console"], server: server, keepsInput: true)
    console.write("PING\n")
    try console.waitForOutput("PONG\n")
    _ = server.stop()
    #expect(try console.end() == 5)
    #expect(console.errorText.contains("connection"))
  }

  @Test("With --retry a session goes on, and is still subscribed")
  func retry() throws {
    let server = try ServerProcess()
    let console = try ToolProcess(["-i", "amy", "--retry", "console"], server: server, keepsInput: true)
    console.write("SUBSCRIBE news\n")
    try console.waitForOutput("200 OK\n")
    // Another client under the same name displaces it, once.
    let other = try server.login("amy")
    try console.waitForError("connected again")
    other.expectEnd()
    console.write("PING\n")
    try console.waitForOutput("PONG\n")
    let bob = try server.login("bob")
    bob.send("MCAST news back\n")
    try console.waitForOutput("bob MCAST news back\n")
    console.endInput()
    #expect(try console.end() == 0)
  }

  @Test("It speaks TLS, with a certificate")
  func tls() throws {
    let server = try TLSServer()
    let device = try server.authority.device("amy")
    try server.files.write("amy.pem", device.certificatePEM + device.keyPEM)
    let result = try ToolProcess.run(
      [
        "-s", "tls://localhost:\(try server.process.port(of: "tls"))", "--ca", server.files.path("ca.pem"), "--cert",
        server.files.path("amy.pem"), "-i", "amy", "console",
      ], input: Array("UCAST amy hi\nCLOSE\n".utf8))
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.text.contains("amy UCAST amy hi\n") && result.text.hasSuffix("200 OK\n"))
  }
}
