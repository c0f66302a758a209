// What the server tells systemd, heard by a socket in systemd's place.

import Foundation
import TLSHarness
import Testing

@Suite("Reports to systemd")
struct NotifyTests {
  /// A server that reports to `listener`.
  private func server(
    _ listener: NotifyListener, _ arguments: [String] = ["--open"], watchdog: Int? = nil
  ) throws -> ServerProcess {
    var prelude = "export NOTIFY_SOCKET='\(listener.address)'"
    if let watchdog { prelude += "; export WATCHDOG_USEC=\(watchdog) WATCHDOG_PID=$$" }
    return try ServerProcess(arguments, after: prelude)
  }

  @Test("READY comes once all loops run, at a path and at an abstract address", arguments: [false, true])
  func ready(isAbstract: Bool) throws {
    let listener = try NotifyListener(isAbstract: isAbstract)
    let server = try server(listener, ["--open", "--loops", "3"])
    let first = listener.next()
    #expect(first == "READY=1\nSTATUS=0 connections, 0 logged in, 0 topics")
    // It accepts: no retry, no wait.
    _ = try server.login("a")
    #expect(server.stop() == 0)
    let last = try listener.wait(for: "STOPPING=1")
    #expect(last == "STOPPING=1\nSTATUS=Going down\nEXTEND_TIMEOUT_USEC=6000000")
    #expect(listener.messages.count { $0.text.contains("WATCHDOG") } == 0)
  }

  @Test("The status names connections and topics, and comes again only when it has changed")
  func status() throws {
    let listener = try NotifyListener()
    let server = try server(listener, ["--open", "--login-timeout", "60s"])
    try listener.wait(for: "READY=1")
    let client = try server.login("a")
    client.send("SUBSCRIBE t\nSUBSCRIBE u\n")
    client.expect("200\n200\n")
    let waiting = try server.connect()
    try listener.wait(for: "STATUS=2 connections, 1 logged in, 2 topics")
    // The next look at the figures finds the same.
    #expect(listener.next(within: 7_000) == nil)
    withExtendedLifetime((client, waiting)) {}
  }

  @Test("A reload is announced with its time, and READY comes when it is in force")
  func reload() throws {
    let listener = try NotifyListener()
    let secret = try TemporaryFile("one\n")
    let server = try server(listener, ["--secret-file", secret.path + "?short"])
    try listener.wait(for: "READY=1")
    try "two\n".write(toFile: secret.path, atomically: false, encoding: .utf8)
    kill(server.process.processIdentifier, SIGHUP)
    let announced = try #require(listener.next())
    let lines = announced.split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == "RELOADING=1")
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    let stamp = try #require(Int(lines[1].dropFirst("MONOTONIC_USEC=".count)))
    #expect(stamp <= now && stamp > now - 20_000_000)
    #expect(listener.next() == "READY=1")
    let client = try server.connect()
    client.send("LOGIN a secret two\n")
    client.expect("200\n")
  }

  @Test("A reload that fails, or has nothing to do, ends in READY as well, and the failure is in the status")
  func failedReload() throws {
    let listener = try NotifyListener()
    let secret = try TemporaryFile("one\n")
    let server = try server(listener, ["--secret-file", secret.path + "?short"])
    try listener.wait(for: "READY=1")
    try "\n".write(toFile: secret.path, atomically: false, encoding: .utf8)
    kill(server.process.processIdentifier, SIGHUP)
    try listener.wait(for: "RELOADING=1")
    #expect(listener.next() == "READY=1")
    try server.waitForLog("reload failed")
    try listener.wait(for: "STATUS=0 connections, 0 logged in, 0 topics; the last reload failed")

    let other = try NotifyListener()
    let nothing = try self.server(other)
    try other.wait(for: "READY=1")
    kill(nothing.process.processIdentifier, SIGHUP)
    try other.wait(for: "RELOADING=1")
    #expect(other.next() == "READY=1")
  }

  @Test("Reloads that are asked for while one runs are all announced, and READY comes after the last of them")
  func manyReloads() throws {
    let listener = try NotifyListener()
    let secret = try TemporaryFile("one\n")
    let server = try server(listener, ["--secret-file", secret.path + "?short"])
    try listener.wait(for: "READY=1")
    for _ in 0..<50 {
      kill(server.process.processIdentifier, SIGHUP)
      usleep(500)
    }
    try eventually("the last word is READY") {
      while listener.next(within: 300) != nil {}
      return listener.messages.last?.text == "READY=1"
    }
    #expect(listener.messages.count { $0.text.hasPrefix("RELOADING=1\n") } > 1)
  }

  @Test("Reloads that nobody hears of do not keep the server from ending")
  func unread() throws {
    let listener = try NotifyListener()
    let secret = try TemporaryFile("one\n")
    let server = try server(listener, ["--secret-file", secret.path + "?short"])
    for number in 1...30 {
      kill(server.process.processIdentifier, SIGHUP)
      try eventually("reload \(number)") { server.logLines.count { $0.hasSuffix(" reload secret-file=ok") } == number }
    }
    let start = Date()
    #expect(server.stop() == 0)
    // A second for each of a few words that wait, and not for each of sixty.
    let seconds = Date().timeIntervalSince(start)
    #expect(seconds < 20, "it took \(seconds) s")
    withExtendedLifetime(listener) {}
  }

  @Test("The watchdog is fed about every half of its time, by loops that have nothing else to do", arguments: [1, 3])
  func watchdog(loops: Int) throws {
    let listener = try NotifyListener()
    let server = try server(listener, ["--open", "--loops", "\(loops)"], watchdog: 400_000)
    try listener.wait(for: "READY=1")
    for _ in 0..<8 { try listener.wait(for: "WATCHDOG=1") }
    let times = listener.messages.filter { $0.text.contains("WATCHDOG=1") }.map(\.at)
    // Nine of them, the first with READY: eight halves of 400 ms, and not more often.
    let seconds = times[times.count - 1].timeIntervalSince(times[0])
    #expect(times.count == 9 && seconds > 1.4, "\(times.count) in \(seconds) s")
    #expect(server.process.isRunning)
  }

  @Test("A watchdog for another process is not fed")
  func otherWatchdog() throws {
    let listener = try NotifyListener()
    let server = try ServerProcess(
      after: "export NOTIFY_SOCKET='\(listener.address)' WATCHDOG_USEC=100000 WATCHDOG_PID=1")
    #expect(listener.next()?.contains("WATCHDOG") == false)
    #expect(listener.next(within: 1_000) == nil)
    withExtendedLifetime(server) {}
  }

  @Test("When one loop hangs, the watchdog is not fed any more, although all the others live")
  func stuckLoop() throws {
    let listener = try NotifyListener()
    let server = try server(listener, ["--open", "--loops", "3"], watchdog: 400_000)
    for _ in 0..<3 { try listener.wait(for: "WATCHDOG=1") }
    let stopped = try StoppedThread(of: server.process.processIdentifier, named: "ssmpd/loop2")
    // What was said before it stopped may still come.
    while listener.next(within: 1_000) != nil, listener.messages.count < 100 {}
    #expect(listener.next(within: 1_500) == nil)
    // The first loop still serves its connections.
    let clients = try (0..<3).map { _ in try server.connect() }
    for client in clients { client.send("LOGIN . open\n") }
    #expect(clients.contains { $0.fill(2_000) })
    stopped.resume()
    try listener.wait(for: "WATCHDOG=1")
  }

  @Test("Why a start fails is in the status, too")
  func failedStart() throws {
    let listener = try NotifyListener()
    let (_, errors, code) = try runToEnd(
      ["-c", "NOTIFY_SOCKET='\(listener.address)' exec '\(ServerProcess.binary.path)' --nonsense"],
      URL(fileURLWithPath: "/bin/sh"))
    #expect(code == 2)
    #expect(errors == "ssmpd: --nonsense is not an option; see ssmpd --help\n")
    #expect(listener.next() == "STATUS=--nonsense is not an option; see ssmpd --help")
  }

  @Test("An address that cannot be reported to is one clear line")
  func badAddress() throws {
    for address in ["relative", "vsock:2:1", "@", "/" + String(repeating: "p", count: 108)] {
      let (_, errors, code) = try runToEnd(
        [
          "-c",
          "NOTIFY_SOCKET='\(address)' exec '\(ServerProcess.binary.path)' --open --listen tcp://127.0.0.1:0",
        ], URL(fileURLWithPath: "/bin/sh"))
      #expect(code == 2)
      #expect(
        errors
          == "ssmpd: NOTIFY_SOCKET: '\(address)' is not accepted; give the path of a unix socket, or @ and an abstract name\n"
      )
    }
  }

  @Test("A receiver that is gone is a warning, and the server goes on")
  func goneReceiver() throws {
    var listener: NotifyListener? = try NotifyListener()
    let server = try server(try #require(listener), watchdog: 200_000)
    try listener?.wait(for: "READY=1")
    listener = nil
    try server.waitForLog("systemd unreachable because=\"sendto: ")
    _ = try server.login("a")
    #expect(server.stop() == 0)
  }
}
