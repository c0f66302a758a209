// What is measured.

import CommandLineTools
import Glibc
import SSMPClient
import SSMPTransport

/// The arguments are wrong.
struct Usage: Error, CustomStringConvertible {
  let description =
    "usage: ssmp-client-bench receive|raw-receive|flood|send|raw-send|call|raw-call|idle URL NUMBER [CA CERT KEY ID]"
}

/// The measurements: each prints one line of `name=value` pairs.
enum ClientBench {
  static func run(_ arguments: [String]) async throws {
    guard arguments.count == 3 || arguments.count == 7, let number = Int(arguments[2]), number > 0 else {
      throw Usage()
    }
    let server = try SSMPClient.ServerAddress(arguments[1])
    let files = arguments.count == 7 ? Array(arguments[3...]) : nil
    switch arguments[0] {
    case "receive": try await receive(server, number)
    case "raw-receive": try rawReceive(RawAddress(arguments[1]), number)
    case "flood": try flood(RawAddress(arguments[1]), number)
    case "send": try await send(server, number)
    case "raw-send": try rawSend(RawAddress(arguments[1]), number)
    case "call": try await call(server, number)
    case "raw-call": try rawCall(RawAddress(arguments[1]), number)
    case "idle": try await idle(server, number, files)
    default: throw Usage()
    }
  }

  /// The CPU time of this process, in seconds.
  static var cpu: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  static func report(_ count: Int, _ what: String, since start: Double, _ clock: ContinuousClock.Instant) {
    let (used, passed) = (cpu - start, clock.duration(to: .now) / .seconds(1))
    Output.write("\(what)=\(count) cpu=\(used) seconds=\(passed) per-cpu-second=\(Int(Double(count) / used))\n")
  }

  static func report(_ times: [UInt64]) {
    let sorted = times.sorted()
    Output.write(
      "calls=\(sorted.count) p50=\(sorted[sorted.count / 2] / 1000) p99=\(sorted[sorted.count * 99 / 100] / 1000)\n")
  }

  // MARK: Through the library

  /// Takes events of the topic `flood` through the public sequence.
  private static func receive(_ server: SSMPClient.ServerAddress, _ count: Int) async throws {
    try await SSMPClient.withClient(.init(server, login: .open("receiver"))) { client in
      var (events, bytes) = (0, 0)
      var start = 0.0
      var clock = ContinuousClock.now
      for try await event in try await client.subscribe(to: "flood") {
        guard case .message(_, let payload) = event else { continue }
        if events == 0 { (start, clock) = (cpu, .now) }
        bytes &+= payload.count
        events += 1
        if events == count { break }
      }
      report(events, "events", since: start, clock)
    }
  }

  /// Sends messages from 64 tasks, each waiting for its response before the next.
  private static func send(_ server: SSMPClient.ServerAddress, _ count: Int) async throws {
    try await SSMPClient.withClient(.init(server, login: .open("sender"))) { client in
      let payload = try Payload(String(repeating: "x", count: 64))
      let (start, clock) = (cpu, ContinuousClock.now)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<64 {
          group.addTask { for _ in 0..<count / 64 { try await client.multicast(payload, to: "nowhere") } }
        }
        try await group.waitForAll()
      }
      report(count / 64 * 64, "messages", since: start, clock)
    }
  }

  /// Asks a service in the same process, one request at a time.
  private static func call(_ server: SSMPClient.ServerAddress, _ count: Int) async throws {
    let echo = try await SSMPClient.connect(.init(server, login: .open("echo")))
    let service = Task { try await echo.serve("echo", verbs: ["echo": { .ok($0.argument) }]) }
    try await SSMPClient.withClient(.init(server, login: .open("caller"))) { client in
      let directory = try await client.directory(of: "echo")
      while directory.pick() == nil { try await Task.sleep(for: .milliseconds(5)) }
      var times: [UInt64] = []
      for _ in 0..<count {
        let start = MonotonicTime.nanoseconds()
        _ = try await client.call("echo", "hello", of: "echo")
        times.append(MonotonicTime.nanoseconds() - start)
      }
      report(Array(times.dropFirst(count / 10)))
    }
    service.cancel()
    await echo.close()
  }

  /// Holds idle clients, and tells what memory each takes.
  private static func idle(_ server: SSMPClient.ServerAddress, _ count: Int, _ files: [String]?) async throws {
    var clients: [SSMPClient] = []
    let tls = files.map { SSMPClient.TLS(authorities: $0[0], certificate: $0[1], key: $0[2]) }
    func connect(_ number: Int) async throws -> SSMPClient {
      let login: SSMPClient.Login =
        try files.map { .certificate(try ID("\($0[3])/\(number)")) } ?? .open(ID("idle\(number)"))
      return try await SSMPClient.connect(.init(server, login: login, tls: tls ?? .init()))
    }
    // The first brings what all share.
    clients.append(try await connect(0))
    let before = residentBytes()
    for first in stride(from: 1, through: count, by: 50) {
      clients += try await withThrowingTaskGroup(of: SSMPClient.self) { group in
        for number in first..<min(first + 50, count + 1) { group.addTask { try await connect(number) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
    }
    Memory.giveBack()
    let after = residentBytes()
    let threads = threadCount()
    Output.write("clients=\(count) bytes-each=\((after - before) / count) resident=\(after) threads=\(threads)\n")
    withExtendedLifetime(clients) {}
    exit(0)
  }

  private static func residentBytes() -> Int { (ProcessUsage(process: Int(getpid()))?.residentKiB ?? 0) * 1024 }

  private static func threadCount() -> Int {
    guard let content = try? FileContent(of: "/proc/self/status", limit: 1 << 16) else { return 0 }
    let lines = String(decoding: content.bytes, as: UTF8.self).split(separator: "\n")
    let words = lines.first { $0.hasPrefix("Threads:") }?.split(separator: "\t")
    return words.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0
  }
}
