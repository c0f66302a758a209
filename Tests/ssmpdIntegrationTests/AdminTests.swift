// The admin socket of the real server.

import Foundation
import Testing

@Suite("Admin socket")
struct AdminTests {
  /// The value of `key=` in a line.
  private func value(_ key: String, _ line: String) -> String? {
    line.split(separator: " ").first { $0.hasPrefix("\(key)=") }.map { String($0.dropFirst(key.count + 1)) }
  }

  @Test("It is there for its owner only, and gone with the server")
  func mode() throws {
    let server = try AdminServerProcess()
    var status = stat()
    #expect(lstat(server.path, &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFSOCK && status.st_mode & 0o777 == 0o600)
    #expect(server.process.stop() == 0)
    #expect(lstat(server.path, &status) == -1)
  }

  @Test("A socket that a killed server has left is replaced; one that is in use is not, and neither is a file")
  func stale() throws {
    let first = try AdminServerProcess()
    kill(first.process.process.processIdentifier, SIGKILL)
    first.process.process.waitUntilExit()
    let second = try AdminServerProcess(at: first.path)
    #expect(try second.ask("help").last == "ok")
    let file = try TemporaryFile("not a socket")
    for (path, reason) in [
      (first.path, "bind: Address already in use"), (file.path, "something else than a socket is there; take it away"),
    ] {
      let third = try runToEnd(["--listen", "tcp://127.0.0.1:0", "--open", "--admin", path])
      #expect(third.code == 2)
      #expect(third.errors.hasSuffix("ssmpd: --admin: '\(path)' cannot be used: \(reason)\n"))
    }
    #expect(try second.ask("help").last == "ok")
    #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "not a socket")
  }

  @Test("When the port for metrics is taken nothing is started, and no socket is left behind")
  func takenPort() throws {
    let server = try AdminServerProcess()
    let address = "tcp://127.0.0.1:\(try server.metricsPort)"
    let (admin, listener) = (TemporaryFile.newPath(), TemporaryFile.newPath())
    let second = try runToEnd(["--listen", "unix:\(listener)", "--open", "--admin", admin, "--metrics", address])
    #expect(second.code == 2)
    #expect(second.errors.hasSuffix("ssmpd: --metrics: '\(address)' cannot be used: bind: Address already in use\n"))
    #expect(!FileManager.default.fileExists(atPath: admin) && !FileManager.default.fileExists(atPath: listener))
  }

  @Test("stats shows the figures of the report, and that every loop answers", arguments: [1, 2])
  func stats(loops: Int) throws {
    let server = try AdminServerProcess(["--open", "--loops", "\(loops)"])
    let a = try server.process.login("a")
    let b = try server.process.login("b")
    a.send("SUBSCRIBE t PRESENCE\n")
    a.expect("200\n")
    b.send("MCAST t hello\n")
    b.expect("200\n")
    a.expect("000 b MCAST t hello\n")
    let lines = try server.ask("stats")
    #expect(lines.last == "ok")
    #expect(
      lines.contains { $0.hasPrefix("connections=2 logged-in=2 anonymous=0 topics=1 subscriptions=1 presence=1 ") })
    #expect(lines.contains { $0.hasPrefix("accepted=2 logins=2 ") && $0.hasSuffix(" events=1") })
    #expect(lines.contains { $0.hasPrefix("requests-login=2 ") && $0.contains(" requests-mcast=1 ") })
    #expect(lines[0].contains(" loops=\(loops) draining=false"))
    for loop in 0..<loops {
      #expect(lines.contains { $0.hasPrefix("loop=\(loop) stuck=false loop-connections=\(2 / loops) busy-seconds=") })
    }
    let report = try server.process.report()
    #expect(report["events"] == 1 && report["presence"] == 1 && report["connections"] == 2)
  }

  @Test("A connection is shown with where it stands, by its identifier or its number", arguments: [1, 2])
  func connection(loops: Int) throws {
    let server = try AdminServerProcess(["--open", "--loops", "\(loops)"])
    let nobody = try server.process.connect()
    let a = try server.process.login("gate/7")
    a.send("SUBSCRIBE t PRESENCE\nSUBSCRIBE u\nLOGIN x open")
    a.expect("200\n200\n")
    let admin = try server.connect()
    let lines = try admin.ask("connection gate/7")
    #expect(lines[0].hasPrefix("conn=#\(loops - 1)."))
    #expect(lines[0].contains(" id=gate/7 peer=127.0.0.1:"))
    #expect(lines[0].contains(" state=logged-in scheme=open seconds="))
    #expect(lines[0].hasSuffix(" pending=0 subscriptions=2 requests=3 bytes-in=63 bytes-out=12"))
    #expect(
      lines[1] == "loop=\(loops - 1) kept=12 held=false paused=false congested=false slow=false "
        + "tapped=false offered=open")
    #expect(lines[2...] == ["topic=u presence=false", "topic=t presence=true", "ok"])
    let handle = try #require(value("conn", lines[0]))
    #expect(try admin.ask("connection \(handle)").dropFirst() == lines.dropFirst())
    let all = try admin.ask("connections")
    #expect(all.count == 3 && all.last == "ok count=2")
    #expect(all.contains { $0.contains(" id=- ") && $0.contains(" state=waiting scheme=none ") })
    #expect(try admin.ask("connections gate/").count == 2)
    #expect(try admin.ask("connections pump/") == ["ok count=0"])
    #expect(try admin.ask("connection pump") == ["error: nobody is logged in as 'pump'"])
    #expect(try admin.ask("connection #0.99.1") == ["error: there is no connection #0.99.1"])
    #expect(try admin.ask("connection #\(loops).0.1").last?.contains("is not a connection") == true)
    // Its number dies with a connection, though its slot is used again.
    a.reset()
    try eventually("the connection has gone") { try admin.ask("connections").count == 2 }
    #expect(try admin.ask("connection \(handle)") == ["error: there is no connection \(handle)"])
    withExtendedLifetime(nobody) {}
  }

  @Test("Over TLS version and cipher are shown, and whether there is a certificate")
  func tls() throws {
    let path = TemporaryFile.newPath()
    let server = try TLSServer(["--admin", path])
    let client = try server.login("pump")
    let waiting = try TestClient(port: try server.process.port(of: "tls"))
    let admin = AdminClient(try TestClient(path: path))
    let lines = try admin.ask("connection pump")
    #expect(lines[0].contains(" state=logged-in scheme=cert "))
    #expect(
      lines[2].hasPrefix("tls-version=TLSv1.3 tls-cipher=TLS_")
        && lines[2].hasSuffix(" tls-resumed=false tls-certificate=true"))
    let handshaking = try #require(
      try admin.ask("connections").first { $0.contains(" state=handshaking scheme=none ") })
    let handle = try #require(value("conn", handshaking))
    #expect(
      try admin.ask("connection \(handle)")[2] == "tls-version=- tls-cipher=- tls-resumed=false tls-certificate=false")
    #expect(try admin.ask("close \(handle)") == ["conn=\(handle) closed=true", "ok"])
    waiting.expectEnd()
    withExtendedLifetime(client) {}
  }

  @Test("A topic is shown with its subscribers")
  func topic() throws {
    let server = try AdminServerProcess(["--open", "--loops", "2"])
    let a = try server.process.login("a")
    let b = try server.process.login("b")
    a.send("SUBSCRIBE t PRESENCE\n")
    a.expect("200\n")
    b.send("SUBSCRIBE t\n")
    b.expect("200\n")
    #expect(
      try server.ask("topic t") == [
        "topic=t subscribers=2 watchers=1", "id=a presence=true loop=0", "id=b presence=false loop=1", "ok count=2",
      ])
    #expect(try server.ask("topics") == ["topic=t subscribers=2 watchers=1", "ok count=1"])
    #expect(try server.ask("topic u") == ["error: nobody is subscribed to 'u'"])
  }

  @Test("close ends a connection in good order: events go out, and the log names the reason", arguments: [1, 2])
  func close(loops: Int) throws {
    let server = try AdminServerProcess(["--open", "--loops", "\(loops)"])
    let watcher = try server.process.login("watcher")
    watcher.send("SUBSCRIBE t PRESENCE\n")
    watcher.expect("200\n")
    let victim = try server.process.login("victim")
    victim.send("SUBSCRIBE t\n")
    victim.expect("200\n")
    watcher.expect("000 victim SUBSCRIBE t\n")
    let admin = try server.connect()
    let answer = try admin.ask("close victim")
    #expect(
      answer.count == 2 && answer[0].hasPrefix("conn=#") && answer[0].hasSuffix(" closed=true") && answer[1] == "ok")
    victim.expectEnd()
    watcher.expect("000 victim UNSUBSCRIBE t\n")
    try server.process.waitForLog(" notice close reason=operator-request id=victim ")
    #expect(try admin.ask("close victim") == ["error: nobody is logged in as 'victim'"])
    #expect(try server.process.report()["operator-request"] == 1)
  }

  @Test("An anonymous connection can be closed by its number")
  func closeAnonymous() throws {
    let server = try AdminServerProcess()
    let client = try server.process.login(".")
    let line = try #require(try server.ask("connections").first)
    #expect(line.contains(" id=. "))
    #expect(try server.ask("close \(try #require(value("conn", line)))").last == "ok")
    client.expectEnd()
  }

  @Test("log-level takes effect at once")
  func logLevel() throws {
    let server = try AdminServerProcess(level: "notice")
    _ = try server.process.login("a")
    #expect(try server.ask("log-level debug") == ["log-level=debug", "ok"])
    _ = try server.process.login("b")
    try server.process.waitForLog(" info login id=b ")
    #expect(try server.ask("log-level error") == ["log-level=error", "ok"])
    _ = try server.process.login("c")
    #expect(try server.ask("stats").last == "ok")
    #expect(!server.process.logLines.contains { $0.contains("login id=a") || $0.contains("login id=c") })
    #expect(try server.ask("log-level loud").last?.hasPrefix("error: 'loud' is not a level; say ") == true)
  }

  @Test("reload answers when it is done, with its result", arguments: [1, 2])
  func reload(loops: Int) throws {
    let file = try TemporaryFile("old\n")
    let server = try AdminServerProcess(["--secret-file", file.path + "?short", "--loops", "\(loops)"])
    let admin = try server.connect()
    #expect(try admin.ask("reload") == ["secret-file=ok", "ok"])
    try file.write(Array("new\n".utf8))
    #expect(try admin.ask("reload") == ["secret-file=ok", "ok"])
    // Nothing has to be waited for: it is in force.
    let client = try server.process.connect()
    client.send("LOGIN a secret new\n")
    client.expect("200\n")
    try file.write([])
    let fault = try admin.ask("reload")
    #expect(fault.count == 1 && fault[0].hasPrefix("error: reload failed: --secret-file: '\(file.path)' is empty; "))
    #expect(try AdminServerProcess().ask("reload") == ["nothing=to-reload", "ok"])
  }

  @Test("Operators who ask for a reload at once are all answered")
  func reloads() throws {
    let file = try TemporaryFile("old\n")
    let server = try AdminServerProcess(["--secret-file", file.path + "?short"])
    try inParallel(6) { _ in
      let admin = try server.connect()
      for _ in 0..<20 { #expect(try admin.ask("reload") == ["secret-file=ok", "ok"]) }
    }
  }

  @Test("drain answers, and then the server ends as by SIGTERM")
  func drain() throws {
    let server = try AdminServerProcess(["--open", "--loops", "2"])
    let client = try server.process.login("a")
    #expect(try server.ask("drain") == ["ok"])
    client.expectEnd()
    server.process.process.waitUntilExit()
    #expect(server.process.process.terminationStatus == 0)
    #expect(!FileManager.default.fileExists(atPath: server.path))
    #expect(server.process.logLines.contains { $0.hasSuffix(" notice admin drain") })
  }

  @Test("Asked to drain by several operators at once, the server does so once, and in good order")
  func manyDrains() throws {
    let server = try AdminServerProcess(["--open", "--drain", "500ms"])
    let clients = try (0..<2).map { try server.process.login("c\($0)") }
    let admins = try (0..<4).map { _ in try server.connect() }
    for admin in admins { admin.client.send("drain\ndrain\n") }
    let answers = try admins.flatMap { [try $0.answer(), try $0.answer()] }
    #expect(answers.count { $0 == ["ok"] } == 1)
    #expect(answers.count { $0 == ["error: draining already"] } == 7)
    for client in clients { client.expectEnd() }
    server.process.process.waitUntilExit()
    #expect(server.process.logLines.count { $0.contains(" server stop ") } == 1)
  }

  @Test("Nonsense is answered in one line, an endless line ends the connection, and commands may come at once")
  func nonsense() throws {
    let server = try AdminServerProcess()
    let admin = try server.connect()
    #expect(try admin.ask("nonsense") == ["error: 'nonsense' is not a command; say help"])
    #expect(try admin.ask("close") == ["error: say close ID"])
    admin.client.send("help\r\n\n\nlog-level info\nstats")
    #expect(try admin.answer().last == "ok")
    #expect(try admin.answer() == ["log-level=info", "ok"])
    // The last line needs no end where the connection has one.
    admin.client.endOutput()
    #expect(try admin.answer().count > 5)
    admin.client.expectEnd()
    let other = try server.connect()
    other.client.send(String(repeating: "x", count: 100_000))
    #expect(try other.answer() == ["error: a line has at most 512 bytes"])
    other.client.expectEnd()
    let bytes = try server.connect()
    bytes.client.send([0xff, 0xfe, 0, 10])
    #expect(try bytes.answer().last?.hasPrefix("error: ") == true)
  }

  /// The words of a line, of which quoted values are one each.
  private func words(_ line: String) -> [String] {
    var words = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" { isQuoted.toggle() }
      if character == " ", !isQuoted { words.append("") } else { words[words.count - 1].append(character) }
    }
    return words.filter { !$0.isEmpty }
  }

  @Test("Every line but the last of an answer is key=value and nothing else, and no name has two units")
  func keysAndValues() throws {
    let server = try AdminServerProcess(["--open", "--loops", "2"])
    let a = try server.process.login("a")
    a.send("SUBSCRIBE t\n")
    a.expect("200\n")
    let admin = try server.connect()
    let commands = ["help", "stats", "connections", "connection a", "topics", "topic t", "log-level info", "reload"]
    for command in commands {
      let lines = try admin.ask(command)
      #expect(lines.count > 1 && (lines.last == "ok" || lines.last?.hasPrefix("ok ") == true), "\(command)")
      for line in lines.dropLast() {
        for word in words(line) {
          let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
          #expect(parts.count == 2 && parts[0].allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }, "\(line)")
          // A number with a unit behind it would be another unit than that of the same name elsewhere.
          #expect(parts.last?.wholeMatch(of: /[0-9.]+[a-z]+/) == nil, "\(line)")
        }
      }
    }
  }

  @Test("Listings are sorted and cut as an operator asks", arguments: [1, 2])
  func sorted(loops: Int) throws {
    let server = try AdminServerProcess(["--open", "--loops", "\(loops)"])
    let clients = try (0..<6).map { number in
      let client = try server.process.login("c\(number)")
      for topic in 0..<number { client.send("SUBSCRIBE t\(topic)\n") }
      for _ in 0..<number { client.expect("200\n") }
      return client
    }
    let admin = try server.connect()
    func names(_ key: String, _ lines: [String]) -> [String] { lines.compactMap { value(key, $0) } }
    var lines = try admin.ask("connections sort=subscriptions limit=3")
    #expect(names("id", lines) == ["c5", "c4", "c3"] && lines.last == "ok count=3 matched=6")
    lines = try admin.ask("connections sort=id")
    #expect(names("id", lines) == (0..<6).map { "c\($0)" } && lines.last == "ok count=6 matched=6")
    lines = try admin.ask("connections limit=2 c sort=requests")
    #expect(names("requests", lines) == ["6", "5"] && lines.last == "ok count=2 matched=6")
    #expect(names("bytes-out", try admin.ask("connections sort=bytes-out limit=1")) == ["24"])
    #expect(try admin.ask("connections limit=4").count == 5)
    #expect(try admin.ask("connections limit=4").last == "ok count=4 more=true")
    #expect(try admin.ask("connections limit=6").last == "ok count=6 more=false")
    for key in ["pending", "seconds", "bytes-in"] {
      #expect(try admin.ask("connections sort=\(key)").last == "ok count=6 matched=6")
    }
    lines = try admin.ask("topics sort=subscribers limit=2")
    #expect(names("topic", lines) == ["t0", "t1"] && names("subscribers", lines) == ["5", "4"])
    #expect(lines.last == "ok count=2 matched=5")
    #expect(names("topic", try admin.ask("topics t sort=topic")) == (0..<5).map { "t\($0)" })
    #expect(
      try admin.ask("connections sort=size")
        == [
          "error: 'sort=size' is no order; give one sort= of id, seconds, pending, subscriptions, requests, "
            + "bytes-in, bytes-out"
        ])
    #expect(try admin.ask("topics limit=0") == ["error: 'limit=0' is no limit; give one limit= with a number from 1"])
    #expect(
      try admin.ask("topics sort=topic limit=10001").last?.hasPrefix("error: 'limit=10001' is no limit for") == true)
    #expect(try admin.ask("topics a b").last == "error: say topics [PREFIX] [sort=KEY] [limit=N]")
    withExtendedLifetime(clients) {}
  }
}
