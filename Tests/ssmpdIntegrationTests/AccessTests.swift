// Access rules, with the real server.

import Foundation
import TLSHarness
import Testing

@Suite("Access rules of the server")
struct AccessTests {
  private static let everything = "allow * publish,subscribe,presence,unicast *\nallow * broadcast\n"

  private func file(_ text: String) throws -> TemporaryFile { try TemporaryFile(text) }

  /// A server with these rules, and a login for everybody.
  private func server(_ file: TemporaryFile, _ arguments: String...) throws -> ServerProcess {
    try ServerProcess(["--open", "--access", file.path] + arguments)
  }

  /// Replaces the rules, and has them reloaded.
  private func reload(_ server: ServerProcess, _ file: TemporaryFile, _ text: String) throws {
    let before = server.logLines.count { $0.contains(" reload access=ok") }
    try file.write(Array(text.utf8))
    kill(server.process.processIdentifier, SIGHUP)
    try eventually("the rules have been reloaded") {
      server.logLines.count { $0.contains(" reload access=ok") } > before
    }
  }

  @Test("A login that is not allowed is answered 401 with the schemes, and closed", arguments: [1, 2])
  func login(loops: Int) throws {
    let file = try file("allow cam/ login open\nallow . login\nallow hub login secret\n")
    let secret = try TemporaryFile("sesame\n")
    let server = try server(file, "--secret-file", secret.path + "?short", "--loops", "\(loops)")
    for words in ["cam open", "hub open", "cam/1 secret sesame", "hub secret wrong"] {
      let client = try server.connect()
      client.send("LOGIN \(words)\nPING\n")
      client.expect("401 secret open\n")
      client.expectEnd()
    }
    for words in ["cam/1 open", "hub secret sesame", ". open"] {
      let client = try server.connect()
      client.send("LOGIN \(words)\nPING\n")
      client.expect("200\n000 . PONG\n")
    }
    let line = try server.waitForLog("refuse reason=access")
    #expect(line.contains(" verb=LOGIN ") && line.contains(" target="))
    let report = try server.report()
    #expect(report["access-refused"] == 3 && report["unauthorized"] == 4)
  }

  @Test("What is not allowed is answered 405, reaches nobody, and the connection stays open", arguments: [1, 2])
  func requests(loops: Int) throws {
    let file = try file(
      """
      allow * login
      allow cam/ publish status/%i
      allow cam/ subscribe commands/%i
      allow cam/ unicast hub
      allow hub subscribe,presence,unicast *
      allow hub broadcast
      """)
    let server = try server(file, "--loops", "\(loops)")
    let hub = try server.login("hub")
    let cam = try server.login("cam/7")
    hub.send("SUBSCRIBE status/cam/7\nSUBSCRIBE status/cam/8\nSUBSCRIBE commands/cam/7 PRESENCE\n")
    hub.expect("200\n200\n200\n")
    cam.send("MCAST status/cam/8 x\nMCAST status/cam/7/x x\nMCAST status/cam/7 on\nMCAST status/cam/7 off\n")
    cam.expect("405\n405\n200\n200\n")
    hub.expect("000 cam/7 MCAST status/cam/7 on\n000 cam/7 MCAST status/cam/7 off\n")
    cam.send("UCAST cam/8 x\nUCAST hub hello\nBCAST x\nSUBSCRIBE commands/cam/8\nSUBSCRIBE commands/cam/7 PRESENCE\n")
    cam.expect("405\n200\n405\n405\n405\n")
    hub.expect("000 cam/7 UCAST hub hello\n")
    cam.send("SUBSCRIBE commands/cam/7\nUNSUBSCRIBE commands/cam/8\nPING\n")
    cam.expect("200\n404\n000 . PONG\n")
    hub.expect("000 cam/7 SUBSCRIBE commands/cam/7\n")
    hub.send("BCAST all\n")
    hub.expect("200\n")
    cam.expect("000 hub BCAST all\n")
    hub.expectQuiet()
    let line = try server.waitForLog("refuse reason=access")
    #expect(line.contains(" id=cam/7 verb=MCAST target=status/cam/"))
    #expect(try server.report()["access-refused"] == 6)
  }

  @Test(
    "Of a burst of refusals one line tells at once, and one a while later how many the others were", arguments: [1, 2])
  func burst(loops: Int) throws {
    let server = try server(try file("allow * login\n"), "--loops", "\(loops)", "--max-subscriptions", "1")
    let client = try server.login("a")
    for _ in 0..<1976 { client.send("MCAST t x\n") }
    for _ in 0..<1976 { client.expect("405\n") }
    func counts() -> [Int] {
      server.logLines.filter { $0.contains(" warning refuse reason=access id=a verb=MCAST target=t count=") }
        .compactMap { $0.split(separator: " ").first { $0.hasPrefix("count=") }.flatMap { Int($0.dropFirst(6)) } }
    }
    // A line every ten seconds.
    try eventually("all of them are told of") { counts().reduce(0, +) == 1976 }
    #expect(counts().count <= 3)
    let line = try #require(server.logLines.last { $0.contains("refuse reason=access") })
    #expect(line.hasSuffix(" total=1976"))
  }

  @Test("What is owed is told at the end, too")
  func burstAtTheEnd() throws {
    let server = try server(try file("allow * login\n"))
    let client = try server.login("a")
    for _ in 0..<100 { client.send("MCAST t x\n") }
    for _ in 0..<100 { client.expect("405\n") }
    #expect(server.stop() == 0)
    let lines = server.logLines.filter { $0.contains(" warning refuse reason=access id=a verb=MCAST target=t count=") }
    // Two lines, or three where the server took ten seconds for it.
    let counts = lines.compactMap { line in
      line.split(separator: " ").first { $0.hasPrefix("count=") }.flatMap { Int($0.dropFirst(6)) }
    }
    #expect(lines.last?.hasSuffix(" total=100") == true && lines.count <= 3 && counts.reduce(0, +) == 100)
  }

  @Test("At debug each refusal has a line with identity, verb and target", arguments: [1, 2])
  func eachRefusal(loops: Int) throws {
    let rules = try file("allow * login\nallow a subscribe *\n")
    let server = try ServerProcess(
      ["--open", "--access", rules.path, "--loops", "\(loops)", "--max-subscriptions", "1"], level: "debug")
    let clients = try ["a", "b"].map { try server.login($0) }
    for number in 0..<300 {
      clients[0].send("UCAST p\(number) x\n")
      clients[1].send("MCAST t\(number) x\n")
    }
    clients[0].send("BCAST x\nSUBSCRIBE s0\nSUBSCRIBE s1\nSUBSCRIBE s2 PRESENCE\n")
    for client in clients { for _ in 0..<300 { client.expect("405\n") } }
    clients[0].expect("405\n200\n405\n405\n")
    func lines(_ text: String) -> Int { server.logLines.count { $0.hasSuffix(" debug refuse reason=" + text) } }
    try eventually("each of them is logged once") {
      (0..<300).allSatisfy {
        lines("access id=a verb=UCAST target=p\($0)") == 1 && lines("access id=b verb=MCAST target=t\($0)") == 1
      }
    }
    #expect(lines("access id=a verb=BCAST target=-") == 1)
    #expect(lines("subscription-limit id=a verb=SUBSCRIBE target=s1") == 1)
    #expect(lines("access id=a verb=SUBSCRIBE target=s2") == 1)
    #expect(server.logLines.count { $0.contains(" debug refuse ") } == 603)
  }

  @Test(
    "A certificate's holder is whom the rules are about", arguments: ["allow pump/ login cert\n", "allow pump login\n"])
  func certificates(text: String) throws {
    let file = try file(text)
    let server = try TLSServer(["--open", "--access", file.path])
    let isPrefix = text.contains("/")
    for (name, isAllowed) in [("pump", !isPrefix), ("pump/1", isPrefix)] {
      let client = try server.connect(try server.authority.device("pump"))
      client.send("LOGIN \(name) cert\n")
      client.expect(isAllowed ? "200\n" : "401 cert open\n")
    }
  }

  @Test(
    "A reload that takes a login away closes those who had it, and their UNSUBSCRIBE events go out", arguments: [1, 2])
  func loginRevoked(loops: Int) throws {
    let file = try file("allow * login\n" + Self.everything)
    let server = try server(file, "--loops", "\(loops)")
    let hub = try server.login("hub")
    hub.send("SUBSCRIBE t PRESENCE\n")
    hub.expect("200\n")
    var cams: [TestClient] = []
    for number in 0..<4 {
      let cam = try server.login("cam/\(number)")
      cam.send("SUBSCRIBE t\n")
      cam.expect("200\n")
      hub.expect("000 cam/\(number) SUBSCRIBE t\n")
      cams.append(cam)
    }
    try reload(server, file, "allow hub login\nallow cam/0 login\n" + Self.everything)
    var left = Set<String>()
    for _ in 0..<3 { left.insert(try hub.line()) }
    #expect(left == Set((1..<4).map { "000 cam/\($0) UNSUBSCRIBE t\n" }))
    for cam in cams.dropFirst() { cam.expectEnd() }
    hub.send("MCAST t x\n")
    hub.expect("200\n")
    cams[0].expect("000 hub MCAST t x\n")
    let line = try server.waitForLog("close reason=access-revoked")
    #expect(line.contains(" warning ") && line.contains(" id=cam/"))
    #expect(try server.report()["access-revoked"] == 3)
    let again = try server.connect()
    again.send("LOGIN cam/1 open\n")
    again.expect("401 open\n")
  }

  @Test(
    "A reload that takes a subscription or its presence away closes those who hold it, and only those",
    arguments: [1, 2])
  func subscriptionRevoked(loops: Int) throws {
    let rest = "allow * login\nallow hub subscribe,presence *\n"
    let file = try file(rest + "allow * subscribe,presence *\n")
    let server = try server(file, "--loops", "\(loops)")
    let hub = try server.login("hub")
    hub.send("SUBSCRIBE t PRESENCE\nSUBSCRIBE u PRESENCE\n")
    hub.expect("200\n200\n")
    let plain = try server.login("plain")
    plain.send("SUBSCRIBE t\n")
    plain.expect("200\n")
    hub.expect("000 plain SUBSCRIBE t\n")
    let watcher = try server.login("watcher")
    watcher.send("SUBSCRIBE u PRESENCE\n")
    hub.expect("000 watcher SUBSCRIBE u PRESENCE\n")
    // The presence of u first: who watches it goes.
    try reload(server, file, rest + "allow * subscribe *\n")
    hub.expect("000 watcher UNSUBSCRIBE u\n")
    watcher.expect("200\n000 hub SUBSCRIBE u PRESENCE\n")
    watcher.expectEnd()
    plain.expectQuiet()
    // Then t altogether.
    try reload(server, file, rest + "allow * subscribe u\n")
    hub.expect("000 plain UNSUBSCRIBE t\n")
    plain.expectEnd()
    hub.expectQuiet()
    #expect(try server.report()["access-revoked"] == 2)
  }

  @Test("A reload that takes nothing away that is used closes nobody, and applies to the next request")
  func unused() throws {
    let file = try file("allow * login\n" + Self.everything)
    let server = try server(file)
    let client = try server.login("a")
    client.send("SUBSCRIBE t\nMCAST u x\n")
    client.expect("200\n200\n")
    try reload(server, file, "allow a login\nallow * subscribe t\n")
    client.send("MCAST u x\nUCAST a x\nBCAST x\nSUBSCRIBE v\nUNSUBSCRIBE t\n")
    client.expect("405\n405\n405\n405\n200\n")
    try reload(server, file, "allow a login\nallow * publish u\n")
    client.send("MCAST u x\n")
    client.expect("200\n")
  }

  @Test("Thousands who lose their login are closed, while those who stay are served", arguments: [1, 2])
  func many(loops: Int) throws {
    let file = try file("allow * login\n" + Self.everything)
    let server = try server(file, "--loops", "\(loops)", "--max-waiting-per-address", "0")
    let hub = try server.login("hub")
    hub.send("SUBSCRIBE t PRESENCE\n")
    hub.expect("200\n")
    let count = 500
    let cams = try (0..<count).map { _ in try server.connect() }
    for (number, cam) in cams.enumerated() { cam.send("LOGIN cam/\(number) open\nSUBSCRIBE t\n") }
    for cam in cams { cam.expect("200\n200\n") }
    for _ in 0..<count { _ = try hub.line() }
    try file.write(Array(("allow hub login\n" + Self.everything).utf8))
    kill(server.process.processIdentifier, SIGHUP)
    var left = Set<String>()
    for _ in 0..<count { left.insert(try hub.line()) }
    #expect(left == Set((0..<count).map { "000 cam/\($0) UNSUBSCRIBE t\n" }))
    for cam in cams { cam.expectEnd() }
    hub.send("PING\n")
    hub.expect("000 . PONG\n")
    let report = try server.report()
    #expect(report["access-revoked"] == count && report["subscriptions"] == 1 && report["logged-in"] == 1)
  }

  private static let broken = [
    ("", "--access: 'FILE' holds no rule; "),
    ("# allow * login\n", "--access: 'FILE' holds no rule; "),
    ("allow * publish *\n", "--access: 'FILE' allows nobody to log in; "),
    ("allow * login\nallow * everything *\n", "FILE:2: 'everything' is no right; "),
  ]

  @Test("A start with broken or empty rules ends with code 2 and says why", arguments: broken)
  func brokenAtStart(text: String, reason: String) throws {
    let file = try file(text)
    let wanted = "ssmpd: \(reason.replacing("FILE", with: file.path))"
    for mode in [[], ["--check"]] {
      let (output, errors, code) = try runToEnd(
        ["--listen", "tcp://127.0.0.1:0", "--open", "--access", file.path] + mode)
      #expect(code == 2 && output == "" && errors.hasPrefix(wanted), "\(errors)")
      #expect(errors.split(separator: "\n").count == 1)
    }
  }

  @Test("Each of several faults has a line of its own, and a file without any is ok")
  func check() throws {
    let file = try file("allow * login\nx\ny\n")
    let arguments = ["--listen", "tcp://127.0.0.1:0", "--open", "--access", file.path, "--check"]
    let (_, errors, code) = try runToEnd(arguments)
    #expect(code == 2)
    #expect(
      errors.split(separator: "\n").map { $0.prefix { $0 != "'" } } == [
        "ssmpd: \(file.path):2: ", "ssmpd: \(file.path):3: ",
      ])
    try file.write(Array("allow * login\n".utf8))
    let good = try runToEnd(arguments)
    #expect(good.code == 0 && good.output == "ok\n" && good.errors == "")
    unlink(file.path)
    #expect(
      try runToEnd(arguments).errors == "ssmpd: --access: '\(file.path)' cannot be read: No such file or directory\n")
  }

  @Test(
    "A reload of broken, empty or missing rules leaves those in force, and one line says why",
    arguments: broken + [("-", "--access: 'FILE' cannot be read: ")])
  func brokenAtReload(text: String, reason: String) throws {
    let file = try file("allow a login\nallow a publish t\n")
    let server = try server(file)
    let client = try server.login("a")
    if text == "-" { unlink(file.path) } else { try file.write(Array(text.utf8)) }
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog(" error reload failed: \(reason.replacing("FILE", with: file.path))")
    client.send("MCAST t x\nMCAST u x\nBCAST x\n")
    client.expect("200\n405\n405\n")
    let other = try server.connect()
    other.send("LOGIN b open\n")
    other.expect("401 open\n")
    #expect(server.logLines.count { $0.contains(" reload failed") } == 1)
  }

  @Test("A broken secret keeps new access rules out, and broken access rules a new secret")
  func allOrNothing() throws {
    let file = try file("allow * login\nallow * publish old\n")
    let secret = try TemporaryFile("old\n")
    let server = try ServerProcess(["--secret-file", secret.path + "?short", "--access", file.path])
    func login(_ word: String) throws -> TestClient {
      let client = try server.connect()
      client.send("LOGIN a secret \(word)\n")
      return client
    }
    try file.write(Array("allow * login\nallow * publish new\n".utf8))
    try secret.write([])
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog("reload failed: --secret-file")
    let client = try login("old")
    client.send("MCAST old x\nMCAST new x\n")
    client.expect("200\n200\n405\n")
    try secret.write(Array("new\n".utf8))
    try file.write([])
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog("reload failed: --access")
    let other = try login("new")
    other.expect("401 secret\n")
    try file.write(Array("allow * login\nallow * publish new\n".utf8))
    kill(server.process.processIdentifier, SIGHUP)
    try server.waitForLog("reload secret-file=ok access=ok")
    client.send("MCAST old x\nMCAST new x\n")
    client.expect("405\n200\n")
  }
}
