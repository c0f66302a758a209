// Reloading on SIGHUP.

import Foundation
import Testing

@Suite("Reload")
struct ReloadTests {
  private func answer(_ server: ServerProcess, to secret: String) throws -> String {
    let client = try server.connect()
    client.send("LOGIN a secret \(secret)\n")
    return try client.line()
  }

  @Test("SIGHUP reads the secret file again: the new secret is accepted and the old one is not", arguments: [1, 2])
  func newSecret(loops: Int) throws {
    let file = try TemporaryFile("old\n")
    let server = try ServerProcess(["--secret-file", file.path + "?short", "--loops", "\(loops)"])
    #expect(try answer(server, to: "old") == "200\n")
    try file.write(Array("new\n".utf8))
    #expect(try answer(server, to: "new") == "401 secret\n")
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog("reload secret-file=ok")
    for _ in 0..<loops {
      #expect(try answer(server, to: "new") == "200\n")
      #expect(try answer(server, to: "old") == "401 secret\n")
    }
  }

  @Test("A client that is logged in stays when the secret changes")
  func clientsStay() throws {
    let file = try TemporaryFile("old\n")
    let server = try ServerProcess(["--secret-file", file.path + "?short"])
    let client = try server.connect()
    client.send("LOGIN a secret old\n")
    client.expect("200\n")
    try file.write(Array("new\n".utf8))
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog("reload secret-file=ok")
    client.expectQuiet()
  }

  @Test("A broken secret file leaves the old secret in force, and one line says why", arguments: ["", "a\nb\n"])
  func brokenFile(content: String) throws {
    let file = try TemporaryFile("old\n")
    let server = try ServerProcess(["--secret-file", file.path + "?short"])
    try file.write(Array(content.utf8))
    kill(server.process.processIdentifier, SIGHUP)
    let line = try server.waitForLog("reload failed")
    #expect(line.contains(" error reload failed: --secret-file: '\(file.path)' "))
    #expect(try answer(server, to: "old") == "200\n")
    #expect(try answer(server, to: "a") == "401 secret\n")
  }

  @Test("A pipe in place of the secret file is not waited for: the old secret stays in force")
  func pipe() throws {
    let file = try TemporaryFile("old\n")
    let server = try ServerProcess(["--secret-file", file.path + "?short"])
    try FileManager.default.removeItem(atPath: file.path)
    try #require(mkfifo(file.path, 0o600) == 0)
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog("reload failed: --secret-file: '\(file.path)' is no regular file")
    #expect(try answer(server, to: "old") == "200\n")
  }

  @Test("SIGHUP without a secret file changes nothing and ends nothing")
  func nothingToReload() throws {
    let server = try ServerProcess()
    let client = try server.login("a")
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog("reload nothing=to-reload")
    client.expectQuiet()
  }
}
