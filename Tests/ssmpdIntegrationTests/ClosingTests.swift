// What is left of a connection that has ended.

import Foundation
import Testing

@Suite("Closing")
struct ClosingTests {
  @Test(
    "A connection that was closed on request is gone at once, though its client keeps its end open", arguments: [1, 2])
  func atOnce(loops: Int) throws {
    let server = try ServerProcess(["--open", "--loops", "\(loops)"])
    let clients = try (0..<4).map { try server.login("c\($0)") }
    let descriptors = server.descriptorCount
    for client in clients {
      client.send("CLOSE\n")
      client.expect("200\n")
      client.expectEnd()
    }
    // Who lingered would be there for two seconds.
    try eventually(within: 1.5, "all have gone") {
      try server.report()["connections"] == 0 && server.descriptorCount == descriptors - clients.count
    }
  }

  @Test("What comes with CLOSE and behind it does not destroy the response", arguments: ["PING\n", "garbage", "\0"])
  func behind(rest: String) throws {
    let server = try ServerProcess(["--open"])
    for _ in 0..<20 {
      let client = try server.login("a")
      client.send("CLOSE\n\(rest)")
      client.expect("200\n")
      client.expectEnd()
      #expect(client.error == 0)
    }
  }

  @Test("Responses to the last requests arrive when the client has shut its side", arguments: ["", "CLOSE\n"])
  func halfClosed(last: String) throws {
    let server = try ServerProcess(["--open"])
    let client = try server.login("a")
    client.send(String(repeating: "PING\n", count: 10_000) + last)
    client.endOutput()
    let replies = client.readAll()
    #expect(client.error == 0)
    #expect(
      String(decoding: replies, as: UTF8.self)
        == String(repeating: "000 . PONG\n", count: 10_000) + (last.isEmpty ? "" : "200\n"))
  }
}
