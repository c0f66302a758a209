// Going down.

import Foundation
import Testing

@Suite("Going down")
struct ShutdownTests {
  @Test("SIGTERM flushes what is pending before it closes", arguments: [1, 2])
  func flushes(loops: Int) throws {
    let server = try ServerProcess(["--open", "--loops", "\(loops)", "--max-pending", "16MiB"])
    let reader = try TestClient(port: server.port, receiveBuffer: 8192)
    reader.send("LOGIN reader open\n")
    reader.expect("200\n")
    let sender = try server.login("sender")
    let total = 6_000
    let text = String(repeating: "p", count: 1000)
    for _ in 0..<total { sender.send("UCAST reader \(text)\n") }
    for _ in 0..<total { sender.expect("200\n") }
    // Everything has been accepted, and most of it is pending: the reader begins to read only now.
    server.process.terminate()
    for _ in 0..<total {
      let line = try reader.line()
      try #require(line == "000 sender UCAST reader \(text)\n")
    }
    reader.expectEnd()
    server.process.waitUntilExit()
    #expect(server.process.terminationStatus == 0)
  }

  @Test("SIGTERM does not wait longer than two seconds for a peer that does not read")
  func doesNotWaitForEver() throws {
    let server = try ServerProcess(["--open", "--write-timeout", "60s", "--max-pending", "16MiB"])
    let stalled = try TestClient(port: server.port, receiveBuffer: 4096)
    stalled.send("LOGIN stalled open\n")
    stalled.expect("200\n")
    let sender = try server.login("sender")
    let text = String(repeating: "p", count: 1000)
    for _ in 0..<6_000 { sender.send("UCAST stalled \(text)\n") }
    for _ in 0..<6_000 { sender.expect("200\n") }
    let start = Date()
    #expect(server.stop() == 0)
    let seconds = Date().timeIntervalSince(start)
    #expect(seconds > 1 && seconds < 6, "it took \(seconds) s")
    withExtendedLifetime(stalled) {}
  }
}
