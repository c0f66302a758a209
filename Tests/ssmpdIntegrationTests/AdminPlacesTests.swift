// Connections to the admin server, when there are more of them than places.

import Foundation
import Testing

@Suite("Places at the admin socket")
struct AdminPlacesTests {
  @Test(
    "Operators who say nothing keep nobody out: the one that has been silent longest goes, health checks take no place")
  func idle() throws {
    let server = try AdminServerProcess()
    var admins = try (0..<8).map { _ in try server.connect() }
    for admin in admins { #expect(try admin.ask("help").last == "ok") }
    #expect(try admins[1].ask("stats").contains { $0.hasSuffix(" admins=8") })
    // What keepalived is told to do in docs/operations.md, again and again.
    for _ in 0..<40 {
      let check = try TestClient(path: server.path)
      check.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      let answer = String(decoding: check.readAll(), as: UTF8.self)
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("ok\n"))
    }
    // The ninth operator is served; the first one has said nothing since.
    let ninth = try server.connect()
    #expect(try ninth.ask("help").last == "ok")
    #expect(
      try admins[0].answer() == ["error: closed: another connection needs the place of this one, which said nothing"])
    admins.removeFirst().client.expectEnd()
    for admin in admins { #expect(try admin.ask("help").last == "ok") }
    // Nobody need have said anything at all.
    let silent = try (0..<40).map { _ in try server.connect() }
    #expect(try server.connect().ask("help").last == "ok")
    #expect(try server.http("GET /healthz HTTP/1.1\r\n\r\n").hasSuffix("ok\n"))
    withExtendedLifetime(silent) {}
  }

  @Test("Eight operators at work keep a ninth out, who is told so, but no health check")
  func busy() throws {
    let server = try AdminServerProcess()
    let client = try server.process.login("a")
    let taps = try (0..<8).map { _ in
      let admin = try server.connect()
      admin.client.send("tap a\n")
      #expect(try admin.line().hasSuffix(" id=a tapped=true end=\"any line\""))
      return admin
    }
    let ninth = try server.connect()
    #expect(try ninth.ask("help") == ["error: 8 operators are at work, and no more are served"])
    ninth.client.expectEnd()
    let check = try TestClient(path: server.path)
    check.send("GET /healthz HTTP/1.1\r\n\r\n")
    #expect(String(decoding: check.readAll(), as: UTF8.self).hasSuffix("ok\n"))
    #expect(try server.metrics()["ssmpd_admin_connections_refused_total"] ?? 0 >= 1)
    taps[3].client.send("\n")
    #expect(try taps[3].answer().last?.hasPrefix("ok ") == true)
    #expect(try server.ask("help").last == "ok")
    withExtendedLifetime(client) {}
  }

  @Test("Collectors who ask for nothing keep no health check out")
  func idleCollectors() throws {
    let server = try AdminServerProcess()
    let port = try server.metricsPort
    let silent = try (0..<20).map { _ in try TestClient(port: port) }
    silent.last?.send("GET /healthz HTTP/1.1\r\n")
    let check = try TestClient(port: port)
    check.send("GET /healthz HTTP/1.1\r\n\r\n")
    #expect(String(decoding: check.readAll(), as: UTF8.self).hasSuffix("ok\n"))
    silent.first?.expectEnd()
  }

  @Test("Requests of which only a part comes keep no health check out, of whatever kind, and however fast they come")
  func halfSent() throws {
    let server = try AdminServerProcess()
    let port = try server.metricsPort
    for isAdmin in [true, false] {
      func connect() throws -> TestClient { try isAdmin ? TestClient(path: server.path) : TestClient(port: port) }
      for half in ["GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nHost: x\r\nX", "stats", "\n", "x\r\n\r"] {
        var halves: [TestClient] = []
        for _ in 0..<(isAdmin ? 16 : 8) {
          let client = try connect()
          client.send(half)
          halves.append(client)
        }
        // What has come is to have been read; and then more of them come between one check and the next.
        usleep(200_000)
        for _ in 0..<12 {
          let check = try connect()
          check.send("GET /healthz HTTP/1.1\r\n\r\n")
          let answer = String(decoding: check.readAll(), as: UTF8.self)
          #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("ok\n"), "\(half): \(answer)")
          for _ in 0..<4 {
            let client = try connect()
            client.send(half)
            halves.append(client)
          }
        }
        withExtendedLifetime(halves) {}
      }
    }
  }

  @Test("Requests that come line by line and never end keep no health check out")
  func trickling() throws {
    let server = try AdminServerProcess()
    let port = try server.metricsPort
    for isAdmin in [true, false] {
      func connect() throws -> TestClient { try isAdmin ? TestClient(path: server.path) : TestClient(port: port) }
      var slow: [TestClient] = []
      for round in 0..<100 {
        if round % 10 == 0 {
          for _ in 0..<8 {
            let client = try connect()
            client.send("GET /healthz HTTP/1.1\r\n")
            slow.append(client)
          }
          let check = try connect()
          check.send("GET /healthz HTTP/1.1\r\n\r\n")
          let answer = String(decoding: check.readAll(), as: UTF8.self)
          #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"), "round \(round): \(answer)")
        }
        for client in slow { _ = client.sendSome(Array("X: y\r\n".utf8)) }
        usleep(10_000)
      }
    }
  }

  @Test("Connections that do not read their answers keep no health check out")
  func unread() throws {
    let server = try AdminServerProcess()
    let port = try server.metricsPort
    for isAdmin in [true, false] {
      func connect(_ buffer: Int32? = nil) throws -> TestClient {
        try isAdmin ? TestClient(path: server.path) : TestClient(port: port, receiveBuffer: buffer)
      }
      let nonsense = String(repeating: "nonsense\n", count: 20_000)
      let silent = try (0..<20).map { _ in
        let client = try connect(4096)
        _ = client.sendSome(Array((isAdmin ? nonsense : "GET /metrics HTTP/1.1\r\n\r\n").utf8))
        return client
      }
      usleep(300_000)
      let check = try connect()
      check.send("GET /healthz HTTP/1.1\r\n\r\n")
      #expect(String(decoding: check.readAll(), as: UTF8.self).hasSuffix("ok\n"))
      withExtendedLifetime(silent) {}
    }
  }

  @Test("With every connection taken that there are descriptors for, operators and health checks are answered")
  func withoutDescriptors() throws {
    let server = try AdminServerProcess(
      ["--open", "--max-connections", "1000", "--max-waiting-per-address", "0"], descriptors: 128)
    let served = try server.process.login("served")
    let others = try (0..<200).map { _ in try server.process.connect() }
    try server.process.waitForLog("refuse reason=descriptor-limit")
    for _ in 0..<20 { #expect(try server.ask("stats").last == "ok") }
    let taps = try (0..<6).map { _ in
      let admin = try server.connect()
      admin.client.send("tap served\n")
      #expect(try admin.line().contains(" tapped=true "))
      return admin
    }
    #expect(try server.http("GET /healthz HTTP/1.1\r\n\r\n").hasSuffix("ok\n"))
    let metrics = try server.metrics()
    #expect(metrics["process_max_fds"] == 128 && metrics["process_open_fds"] ?? 999 <= 128)
    #expect(metrics["ssmpd_connections_refused_total{reason=\"descriptor-limit\"}"] ?? 0 >= 100)
    served.expectQuiet()
    withExtendedLifetime((others, taps)) {}
  }
}
