// Metrics and health of the real server.

import Foundation
import TLSHarness
import Testing

@Suite("Metrics")
struct MetricsTests {
  private static var repository: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }

  @Test("The states of connections stay true while the server goes down")
  func states() throws {
    let server = try AdminServerProcess(["--open", "--drain", "30s"])
    let clients = try (0..<8).map { try server.process.login("c\($0)") }
    let waiting = try (0..<3).map { _ in try server.process.connect() }
    try eventually("all are let in") { try server.metrics()["ssmpd_connections_accepted_total"] == 11 }
    server.process.process.terminate()
    // Who has not logged in is let go first.
    for client in waiting { client.expectEnd() }
    try eventually("three are closing") {
      let metrics = try server.metrics()
      return metrics["ssmpd_connections{state=\"waiting\",scheme=\"none\"}"] == 0
        && metrics["ssmpd_connections{state=\"closing\",scheme=\"none\"}"] ?? -1 >= 3
    }
    for client in waiting { client.endOutput() }
    try eventually("they are gone") {
      let metrics = try server.metrics()
      let open = metrics["ssmpd_connections{state=\"logged-in\",scheme=\"open\"}"] ?? -1
      let closing = metrics["ssmpd_connections{state=\"closing\",scheme=\"none\"}"] ?? -1
      return closing >= 0 && open > 0 && open + closing <= 8
    }
    server.process.process.terminate()
    server.process.process.waitUntilExit()
    withExtendedLifetime(clients) {}
  }

  @Test("The values are those of what was done", arguments: [1, 2])
  func values(loops: Int) throws {
    let file = try TemporaryFile("secret\n")
    let server = try AdminServerProcess(["--open", "--secret-file", file.path + "?short", "--loops", "\(loops)"])
    let a = try server.process.login("a")
    let b = try server.process.connect()
    b.send("LOGIN b secret secret\n")
    b.expect("200\n")
    let anonymous = try server.process.login(".")
    let waiting = try server.process.connect()
    let refused = try server.process.connect()
    refused.send("LOGIN c secret wrong\n")
    refused.expect("401 secret open\n")
    refused.expectEnd()
    a.send("SUBSCRIBE t PRESENCE\nSUBSCRIBE u\nSUBSCRIBE u\n")
    a.expect("200\n200\n409\n")
    b.send("SUBSCRIBE t\n")
    b.expect("200\n")
    a.expect("000 b SUBSCRIBE t\n")
    anonymous.send("MCAST t hello\nUCAST nobody hello\n")
    anonymous.expect("200\n404\n")
    a.expect("000 . MCAST t hello\n")
    b.expect("000 . MCAST t hello\n")
    b.send("UNSUBSCRIBE t\nCLOSE\n")
    b.expect("200\n200\n")
    a.expect("000 b UNSUBSCRIBE t\n")
    b.expectEnd()
    withExtendedLifetime(b) {}
    let wanted: [String: Double] = [
      "connections_accepted_total": 5, "connections{state=\"logged-in\",scheme=\"open\"}": 2,
      "connections{state=\"logged-in\",scheme=\"secret\"}": 0, "connections{state=\"waiting\",scheme=\"none\"}": 1,
      "connections{state=\"handshaking\",scheme=\"none\"}": 0,
      "connections_closed_total{reason=\"close-request\"}": 1, "connections_closed_total{reason=\"unauthorized\"}": 1,
      "connections_closed_total{reason=\"displaced\"}": 0, "logins_total{result=\"accepted\"}": 3,
      "logins_total{result=\"refused\"}": 1, "identities": 1, "anonymous_connections": 1, "topics": 2,
      "subscriptions": 2, "presence_subscriptions": 1, "requests_total{verb=\"login\"}": 4,
      "requests_total{verb=\"subscribe\"}": 4, "requests_total{verb=\"mcast\"}": 1, "requests_total{verb=\"ucast\"}": 1,
      "requests_total{verb=\"close\"}": 1, "replies_total{code=\"200\"}": 9, "replies_total{code=\"404\"}": 1,
      "replies_total{code=\"409\"}": 1, "replies_total{code=\"401\"}": 1, "events_total": 4, "draining": 0,
      "admin_connections{listener=\"metrics\"}": 1, "admin_connections{listener=\"admin\"}": 0,
      "logins_failed_total{reason=\"wrong-secret\"}": 1, "logins_failed_total{reason=\"name-held\"}": 0,
      "log_lines_lost_total": 0, "slow_readers_total": 0, "build_info{version=\"\(try Release.version)\"}": 1,
      "tls_handshakes_total{result=\"full\"}": 0, "pending_bytes": 0, "loop_up{loop=\"0\"}": 1,
    ]
    let metrics = try server.metrics()
    for (name, value) in wanted { #expect(metrics["ssmpd_\(name)"] == value, "\(name)") }
    // What was sent and received, to the byte.
    let sent =
      "200\n" * 9 + "401 secret open\n" + "409\n" + "404\n" + "000 b SUBSCRIBE t\n000 b UNSUBSCRIBE t\n"
      + "000 . MCAST t hello\n" * 2
    #expect(metrics["ssmpd_sent_bytes_total"] == Double(sent.utf8.count))
    let received =
      "LOGIN a open\nLOGIN b secret secret\nLOGIN . open\nLOGIN c secret wrong\nSUBSCRIBE t PRESENCE\n"
      + "SUBSCRIBE u\nSUBSCRIBE u\nSUBSCRIBE t\nMCAST t hello\nUCAST nobody hello\nUNSUBSCRIBE t\nCLOSE\n"
    #expect(metrics["ssmpd_received_bytes_total"] == Double(received.utf8.count))
    // Closing ones may still be there for a moment.
    try eventually("whoever has closed is gone") {
      try server.metrics()["ssmpd_connections{state=\"closing\",scheme=\"none\"}"] == 0
    }
    withExtendedLifetime((a, waiting)) {}
  }

  @Test("The figures of the process and of the loops are plausible", arguments: [1, 2])
  func process(loops: Int) throws {
    let server = try AdminServerProcess(["--open", "--loops", "\(loops)", "--max-connections", "50"])
    let clients = try (0..<6).map { try server.process.login("a\($0)") }
    let metrics = try server.metrics()
    let descriptors = Double(server.process.descriptorCount)
    #expect(abs((metrics["ssmpd_open_descriptors"] ?? 0) - descriptors) <= 2)
    #expect(metrics["ssmpd_descriptors_limit"] ?? 0 >= 64)
    let resident = (metrics["ssmpd_resident_memory_bytes"] ?? 0) / 1024
    #expect(resident > 1000 && abs(resident - Double(server.process.residentKiB)) < resident / 2)
    #expect(abs((metrics["ssmpd_start_time_seconds"] ?? 0) - Date().timeIntervalSince1970) < 60)
    #expect(metrics["ssmpd_connections_limit"] == 50)
    #expect(metrics["process_virtual_memory_bytes"] ?? 0 > metrics["process_resident_memory_bytes"] ?? .infinity)
    #expect(metrics["process_cpu_seconds_total"] ?? 0 > 0)
    let renamed = [
      "ssmpd_cpu_seconds_total": "process_cpu_seconds_total", "ssmpd_open_descriptors": "process_open_fds",
      "ssmpd_descriptors_limit": "process_max_fds", "ssmpd_start_time_seconds": "process_start_time_seconds",
      "ssmpd_resident_memory_bytes": "process_resident_memory_bytes",
    ]
    for (old, new) in renamed { #expect(metrics[old] != nil && metrics[old] == metrics[new], "\(new)") }
    #expect(metrics["ssmpd_pending_limit_bytes"] == Double(256 << 20))
    for loop in 0..<loops {
      let label = "{loop=\"\(loop)\"}"
      #expect(metrics["ssmpd_loop_up\(label)"] == 1)
      #expect(metrics["ssmpd_loop_connections\(label)"] == Double(6 / loops))
      let turns = metrics["ssmpd_loop_turn_duration_seconds_count\(label)"] ?? 0
      #expect(turns > 0)
      #expect(metrics["ssmpd_loop_turn_duration_seconds_bucket{loop=\"\(loop)\",le=\"+Inf\"}"] == turns)
      let busy = metrics["ssmpd_loop_busy_seconds_total\(label)"] ?? 0
      #expect(busy > 0 && busy < 20 && busy == metrics["ssmpd_loop_turn_duration_seconds_sum\(label)"])
    }
    withExtendedLifetime(clients) {}
  }

  @Test("Handshakes are counted by result, and when certificates expire is told")
  func tls() throws {
    let path = TemporaryFile.newPath()
    let server = try TLSServer(["--admin", path], revocations: { try $0.revocationList(revoking: []) })
    func metrics() throws -> [String: Double] {
      let client = try TestClient(path: path)
      client.send("GET /metrics HTTP/1.1\r\n\r\n")
      return AdminServerProcess.samples(in: String(decoding: client.readAll(), as: UTF8.self))
    }
    let client = try server.login("pump")
    let stranger = try TestClient(port: try server.process.port(of: "tls"))
    stranger.send("LOGIN a open\n")
    _ = stranger.readAll()
    let samples = try metrics()
    #expect(samples["ssmpd_tls_handshakes_total{result=\"full\"}"] == 1)
    #expect(samples["ssmpd_tls_handshakes_total{result=\"resumed\"}"] == 0)
    #expect(samples["ssmpd_tls_handshakes_total{result=\"failed\"}"] == 1)
    #expect(samples["ssmpd_tls_handshakes_total{result=\"refused\"}"] == 0)
    #expect(samples["ssmpd_tls_handshake_duration_seconds_count"] == 1)
    #expect(samples["ssmpd_tls_handshake_busy_seconds_total"] ?? 0 > 0)
    #expect(samples["ssmpd_connections{state=\"logged-in\",scheme=\"cert\"}"] == 1)
    let ends = samples.filter { $0.key.hasPrefix("ssmpd_tls_expiry_timestamp_seconds{") }
    #expect(!ends.isEmpty)
    for (name, end) in ends {
      let left = samples[name.replacing("_timestamp_seconds{", with: "_seconds{")] ?? .infinity
      #expect(abs(end - Date().timeIntervalSince1970 - left) < 60, "\(name)")
    }
    let expiries = samples.filter { $0.key.hasPrefix("ssmpd_tls_expiry_seconds{") }
    for kind in ["cert", "cacert", "crl"] {
      let those = expiries.filter { $0.key.contains("kind=\"\(kind)\"") }
      #expect(those.count == 1 && those.allSatisfy { $0.value > 600 && $0.value < 100 * 365 * 86400 }, "\(expiries)")
    }
    withExtendedLifetime(client) {}
  }

  @Test("HTTP: GET and HEAD of two paths, over the port and over the admin socket; nothing else")
  func http() throws {
    let server = try AdminServerProcess()
    #expect(try server.http("GET /healthz HTTP/1.0\r\n\r\n").hasSuffix("\r\n\r\nok\n"))
    #expect(try server.http("GET /healthz?a=b HTTP/1.1\n\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
    let head = try server.http("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(
      head.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: "))
    #expect(head.hasSuffix("\r\nConnection: close\r\n\r\n"))
    #expect(try server.http("GET / HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 404 Not Found\r\n"))
    let post = try server.http("POST /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")
    #expect(post.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n") && post.contains("\r\nAllow: GET, HEAD\r\n"))
    // No commands where anybody on this machine can connect.
    for line in ["stats", "close a", "drain", "GET /metrics"] {
      #expect(try server.http("\(line)\r\n\r\n").hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(line)")
    }
    let body = try server.http("GET /metrics HTTP/1.1\r\n\r\n")
    let parts = body.components(separatedBy: "\r\n\r\n")
    #expect(parts[0].contains("\r\nContent-Length: \(parts[1].utf8.count)\r\n"))
    let admin = try TestClient(path: server.path)
    admin.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(String(decoding: admin.readAll(), as: UTF8.self).hasSuffix("\r\n\r\nok\n"))
    #expect(try server.process.login("a").expectQuiet())
  }

  @Test("While the server goes down it is not healthy, and says so")
  func draining() throws {
    let server = try AdminServerProcess(["--open", "--write-timeout", "60s", "--max-pending", "16MiB"])
    // Somebody who does not read delays the end by two seconds.
    let stalled = try TestClient(port: server.process.port, receiveBuffer: 4096)
    stalled.send("LOGIN stalled open\n")
    stalled.expect("200\n")
    let sender = try server.process.loginHub("sender")
    let text = String(repeating: "p", count: 1000)
    for _ in 0..<6_000 { sender.send("UCAST stalled \(text)\n") }
    for _ in 0..<6_000 { sender.expect("200\n") }
    let port = try server.metricsPort
    #expect(try server.ask("drain") == ["ok"])
    try server.process.waitForLog("server stop")
    let client = try TestClient(port: port)
    client.send("GET /healthz HTTP/1.1\r\n\r\n")
    let answer = String(decoding: client.readAll(), as: UTF8.self)
    #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n") && answer.hasSuffix("\r\n\r\ndraining=true\n"))
    server.process.process.waitUntilExit()
    #expect(server.process.process.terminationStatus == 0)
    withExtendedLifetime(stalled) {}
  }

  @Test(
    "status.json has the figures of stats and of the metrics, on the admin socket and on the port", arguments: [1, 2])
  func status(loops: Int) throws {
    let server = try AdminServerProcess(["--open", "--loops", "\(loops)"])
    let client = try server.process.login("a")
    client.send("SUBSCRIBE t\n")
    client.expect("200\n")
    func status(_ client: TestClient) throws -> [String: Any] {
      client.send("GET /status.json HTTP/1.1\r\n\r\n")
      let parts = String(decoding: client.readAll(), as: UTF8.self).components(separatedBy: "\r\n\r\n")
      try #require(parts.count == 2 && parts[0].hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"))
      return try #require(try JSONSerialization.jsonObject(with: Data(parts[1].utf8)) as? [String: Any])
    }
    let ways = [try TestClient(path: server.path), try TestClient(port: try server.metricsPort)]
    for way in ways {
      let status = try status(way)
      let members = ["server", "process", "connections", "traffic", "limits", "work", "requests", "replies", "closes"]
      // Each key and value of stats, but for what changes all the time.
      var figures: [String: Any] = [:]
      for member in members {
        figures.merge(try #require(status[member] as? [String: Any], "\(member)")) { one, _ in one }
      }
      let listed = try #require(status["loops"] as? [[String: Any]])
      #expect(listed.map { $0["loop"] as? Int } == Array(0..<loops))
      #expect(listed.allSatisfy { $0["stuck"] as? Bool == false && $0["busy-seconds"] is Double })
      for line in try server.ask("stats").dropLast() where !line.hasPrefix("loop=") {
        for word in line.split(separator: " ") where !word.hasPrefix("failed-logins-") {
          let parts = word.split(separator: "=")
          let figure = try #require(figures[String(parts[0])], "\(word)")
          if ["logins", "topics", "accepted", "requests-subscribe", "pid", "version", "draining"].contains(parts[0]) {
            let isFlag = parts[1] == "true" || parts[1] == "false"
            #expect((isFlag ? "\(figure as? Bool == true)" : "\(figure)") == parts[1], "\(word)")
          }
        }
      }
      let metrics = try #require(status["metrics"] as? [String: Any])
      #expect(Set(metrics.keys) == (try names(server)))
      #expect(metrics["ssmpd_subscriptions"] as? Int == 1)
      let logins = try #require(metrics["ssmpd_logins_total"] as? [[String: Any]])
      #expect(logins.contains { $0["result"] as? String == "accepted" && $0["value"] as? Int == 1 })
      let turns = try #require(metrics["ssmpd_loop_turn_duration_seconds"] as? [[String: Any]])
      #expect(
        turns.count == loops && (turns[0]["buckets"] as? [String: Any])?["+Inf"] as? Int == turns[0]["count"] as? Int)
    }
  }

  /// The names of all metrics of a server.
  private func names(_ server: AdminServerProcess) throws -> Set<String> {
    let lines = try server.http("GET /metrics HTTP/1.1\r\n\r\n").split(separator: "\n")
    return Set(lines.filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) })
  }

  private static func program(_ name: String) -> URL? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { URL(fileURLWithPath: "\($0)/\(name)") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  @Test(
    "promtool finds nothing to complain of in the metrics",
    .enabled(if: program("promtool") != nil, "promtool (Debian's prometheus) is not installed"))
  func promtool() throws {
    let path = TemporaryFile.newPath()
    let server = try TLSServer(["--admin", path])
    let client = try server.login("pump")
    let collector = try TestClient(path: path)
    collector.send("GET /metrics HTTP/1.1\r\n\r\n")
    let text = String(decoding: collector.readAll(), as: UTF8.self)
    let page = try TemporaryFile(text.components(separatedBy: "\r\n\r\n")[1])
    let process = Process()
    process.executableURL = Self.program("promtool")
    process.arguments = ["check", "metrics"]
    process.standardInput = FileHandle(forReadingAtPath: page.path)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let complaint = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && complaint.isEmpty, "\(complaint)")
    withExtendedLifetime(client) {}
  }

  /// The names of all metrics, as the server says them in their types.
  private func names() throws -> Set<String> {
    let path = TemporaryFile.newPath()
    let server = try TLSServer(["--admin", path])
    let collector = try TestClient(path: path)
    collector.send("GET /metrics HTTP/1.1\r\n\r\n")
    let lines = String(decoding: collector.readAll(), as: UTF8.self).split(separator: "\n")
    withExtendedLifetime(server) {}
    return Set(lines.filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) })
  }

  /// The metrics that a text speaks of, those of a histogram by its name.
  private func mentioned(in text: String, _ known: Set<String>) -> Set<String> {
    let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }.map(String.init)
    return Set(
      words.filter { $0.hasPrefix("ssmpd_") || $0.hasPrefix("process_") && $0 != "process_" }.map { word in
        for suffix in ["_bucket", "_sum", "_count"] where word.hasSuffix(suffix) {
          let base = String(word.dropLast(suffix.count))
          if known.contains(base) { return base }
        }
        return word
      })
  }

  @Test("The dashboard is valid, and every metric that it shows exists")
  func dashboard() throws {
    let known = try names()
    let data = try Data(contentsOf: Self.repository.appendingPathComponent("packaging/grafana/ssmpd.json"))
    let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let panels = try #require(dashboard["panels"] as? [[String: Any]])
    var expressions: [String] = []
    for panel in panels {
      for target in panel["targets"] as? [[String: Any]] ?? [] {
        expressions.append(try #require(target["expr"] as? String))
      }
    }
    #expect(expressions.count >= 20)
    // One server is not to be taken for another, nor several for one.
    for panel in panels {
      for target in panel["targets"] as? [[String: Any]] ?? [] {
        let expression = try #require(target["expr"] as? String)
        let bare = expression.matches(of: /\b(sum|min|max|avg|count)\b *(by *\(([^)]*)\))?/)
          .filter {
            $0.output.3?.split(separator: ",").contains { $0.trimmingCharacters(in: .whitespaces) == "instance" }
              != true
          }
        #expect(bare.isEmpty, "\(expression)")
        #expect((target["legendFormat"] as? String)?.contains("{{instance}}") == true, "\(expression)")
        for selector in expression.matches(of: /(ssmpd|process)_[a-z_]+(\{[^}]*\})?/) {
          #expect(selector.output.2?.contains("instance=~\"$instance\"") == true, "\(expression)")
        }
      }
    }
    let used = mentioned(in: expressions.joined(separator: " "), known)
    #expect(used.subtracting(known).isEmpty, "\(used.subtracting(known))")
    #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
  }

  @Test("The documentation explains every metric, and no others")
  func documentation() throws {
    let known = try names()
    let text = try String(contentsOf: Self.repository.appendingPathComponent("docs/admin.md"), encoding: .utf8)
    let documented = mentioned(in: text, known)
    #expect(known.subtracting(documented).isEmpty, "\(known.subtracting(documented))")
    #expect(documented.subtracting(known).isEmpty, "\(documented.subtracting(known))")
  }
}

/// A text, several times.
private func * (text: String, count: Int) -> String { String(repeating: text, count: count) }
