// Watching one connection.

import Foundation
import Testing

@Suite("Tap")
struct TapTests {
  /// What a tap has shown, without the times, until it ends.
  private func shown(_ admin: AdminClient) throws -> [String] {
    try admin.answer().map { $0.hasPrefix("at=") ? String($0.drop { $0 != " " }.dropFirst()) : $0 }
  }

  @Test("Both directions are shown, payloads as lengths, and a line ends it", arguments: [1, 2])
  func bothDirections(loops: Int) throws {
    let server = try AdminServerProcess(["--open", "--loops", "\(loops)"])
    let a = try server.process.login("a")
    let b = try server.process.login("b")
    let admin = try server.connect()
    admin.client.send("tap b\n")
    #expect(try admin.line().hasSuffix(" id=b tapped=true end=\"any line\""))
    b.send("SUBSCRIBE t\nUCAST a hello\nNOOP what\nPING\n")
    b.expect("200\n200\n501\n000 . PONG\n")
    a.expect("000 b UCAST a hello\n")
    a.send([UInt8]("MCAST t ".utf8) + [0, 2, 10, 0, 10, 10])
    a.expect("200\n")
    b.expect([UInt8]("000 a MCAST t ".utf8) + [0, 2, 10, 0, 10, 10])
    admin.client.send("\n")
    let lines = try shown(admin)
    #expect(
      lines == [
        "dir=in line=\"SUBSCRIBE t\"", "dir=in line=\"UCAST a\" payload-bytes=5",
        "dir=in line=\"NOOP\" payload-bytes=5",
        "dir=in line=\"PING\"", "dir=out line=\"200\"", "dir=out line=\"200\"", "dir=out line=\"501\"",
        "dir=out line=\"000 . PONG\"", "dir=out line=\"000 a MCAST t\" payload-bytes=5", "ok messages=9 dropped=0",
      ])
    // Nothing of a is shown, and nothing more of b.
    b.send("PING\n")
    b.expect("000 . PONG\n")
    #expect(try admin.ask("connection b")[1].contains(" tapped=false "))
  }

  @Test("Payloads are shown where they are asked for, credentials never")
  func credentials() throws {
    let file = try TemporaryFile("tr0ub4dor\n")
    let server = try AdminServerProcess(["--secret-file", file.path + "?short"])
    let client = try server.process.connect()
    let admin = try server.connect()
    let listed = try #require(try admin.ask("connections").first)
    let handle = String(listed.split(separator: " ")[0].dropFirst("conn=".count))
    admin.client.send("tap \(handle) payload\n")
    _ = try admin.line()
    client.send("LOGIN a secret tr0ub4dor\nUCAST a h\"i\nLOGIN a secret tr0ub4dor\nLOGON a secret tr0ub4dor\nCLOSE\n")
    client.expect("200\n000 a UCAST a h\"i\n200\n405\n501\n200\n")
    client.expectEnd()
    let lines = try shown(admin)
    #expect(
      lines == [
        "dir=in line=\"LOGIN a secret\" credential=hidden", "dir=in line=\"UCAST a\" payload=\"h\\\"i\"",
        "dir=in line=\"LOGIN a secret\" credential=hidden", "dir=in line=\"LOGON\" payload-bytes=19",
        "dir=in line=\"CLOSE\"",
        "dir=out line=\"200\"", "dir=out line=\"000 a UCAST a\" payload=\"h\\\"i\"", "dir=out line=\"200\"",
        "dir=out line=\"405\"", "dir=out line=\"501\"", "dir=out line=\"200\"", "closed=true reason=close-request",
        "ok messages=11 dropped=0",
      ])
  }

  @Test("What breaks the grammar is shown as a length: it could be a credential")
  func invalid() throws {
    let file = try TemporaryFile("tr0ub4dor\n")
    let server = try AdminServerProcess(["--secret-file", file.path + "?short"])
    let client = try server.process.connect()
    let admin = try server.connect()
    let listed = try #require(try admin.ask("connections").first)
    admin.client.send("tap \(listed.split(separator: " ")[0].dropFirst("conn=".count)) payload\n")
    _ = try admin.line()
    client.send("login a secret tr0ub4dor\n")
    client.expect("400\n")
    client.expectEnd()
    #expect(
      try shown(admin) == [
        "dir=in invalid=true bytes=25 verb=- at=0 byte=0x6c expected=\"a verb in capital letters\"",
        "dir=out line=\"400\"", "closed=true reason=bad-request", "ok messages=2 dropped=0",
      ])
  }

  @Test("A flood that an operator does not read costs its client nothing, and what was dropped is counted")
  func flood() throws {
    let server = try AdminServerProcess()
    let client = try server.process.login("a")
    let admin = try server.connect()
    admin.client.send("tap a payload\n")
    _ = try admin.line()
    let text = String(repeating: "p", count: 1000)
    for _ in 0..<20 {
      for _ in 0..<200 { client.send("UCAST a \(text)\n") }
      // The reply to each, and the event.
      var count = 0
      while count < 400 {
        _ = try client.line()
        count += 1
      }
    }
    admin.client.send("\n")
    let lines = try shown(admin)
    let dropped = lines.filter { $0.hasPrefix("dropped=") }.compactMap { Int($0.dropFirst(8)) }.reduce(0, +)
    let messages = lines.count { $0.hasPrefix("dir=") }
    // Requests, replies and events of all, whether they were shown or not.
    #expect(messages + dropped == 4000 * 3)
    #expect(dropped > 0)
    #expect(lines.last == "ok messages=\(messages) dropped=\(dropped)")
  }

  @Test("Several operators may watch the same connection, and one who leaves is forgotten")
  func several() throws {
    let server = try AdminServerProcess()
    let client = try server.process.login("a")
    let admins = [try server.connect(), try server.connect()]
    for admin in admins {
      admin.client.send("tap a\n")
      _ = try admin.line()
    }
    try {
      let third = try server.connect()
      third.client.send("tap a\n")
      _ = try third.line()
    }()
    client.expectQuiet()
    admins[0].client.send("\n")
    #expect(try shown(admins[0]).last == "ok messages=2 dropped=0")
    client.expectQuiet()
    admins[1].client.send("\n")
    #expect(try shown(admins[1]).last == "ok messages=4 dropped=0")
    try eventually("nobody watches") { try server.ask("connection a")[1].contains(" tapped=false ") }
    // Descriptors are given back.
    let before = server.process.descriptorCount
    for _ in 0..<20 {
      let admin = try server.connect()
      admin.client.send("tap a\n\n")
      _ = try admin.line()
      #expect(try admin.answer().last?.hasPrefix("ok ") == true)
    }
    try eventually("descriptors are given back") { server.process.descriptorCount <= before }
  }
}
