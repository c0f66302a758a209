// One client that sends to many must not be able to stop or slow the others.

import Foundation
import Synchronization
import Testing

@Suite("Fairness of fan-out")
struct FanOutFairnessTests {
  @Test(
    "With small limits, senders to a topic are held back before clients that read are closed",
    arguments: ["MCAST t", "BCAST"], [1, 2])
  func smallLimits(request: String, loops: Int) throws {
    let server = try ServerProcess([
      "--open", "--loops", "\(loops)", "--max-pending", "64KiB", "--max-total-pending", "1MiB",
      "--ping-interval", "1h",
    ])
    let (count, each, window) = (50, 80, 64)
    let clients = try (0..<count).map { try server.login("c\($0)") }
    for client in clients { client.send("SUBSCRIBE t\n") }
    for client in clients { client.expect("200\n") }
    let line = "\(request) \(String(repeating: "x", count: 1000))\n"
    let refused = SharedCounter()
    let windows = clients.map { _ in DispatchSemaphore(value: window) }
    // Each client has a thread that sends, with up to 64 messages in flight, and one that reads whatever comes.
    try inParallel(2 * count) { role in
      let (client, window) = (clients[role / 2], windows[role / 2])
      guard role % 2 == 0 else {
        for _ in 0..<each {
          window.wait()
          client.send(line)
        }
        return
      }
      var (events, answers) = (0, 0)
      // If the client does not read to the end, its sender must not wait for ever.
      defer { for _ in 0..<max(0, each - answers) { window.signal() } }
      while events < (count - 1) * each || answers < each {
        let received = try client.line()
        if received.hasPrefix("000 c"), received.utf8.count >= line.utf8.count {
          events += 1
          continue
        }
        if received != "200\n" { refused.add(1) }
        answers += 1
        window.signal()
      }
    }
    for client in clients { client.expectQuiet() }
    #expect(refused.value == 0)
    let report = try server.report()
    #expect(report["pending-limit"] == 0 && report["total-pending-limit"] == 0, "\(report)")
  }

  /// Without any bounds on the work of a turn, a PING takes many seconds here (`WorkBounds`, `manyRecipients`).
  @Test("While a client floods a topic of a thousand members, a bystander's PING is answered soon", arguments: [1, 2])
  func longFanOuts(loops: Int) throws {
    let server = try ServerProcess([
      "--open", "--loops", "\(loops)", "--max-waiting-per-address", "0", "--ping-interval", "1h",
    ])
    let members = try (0..<1000).map { try server.login("m\($0)") }
    for member in members { member.send("SUBSCRIBE t\n") }
    for member in members { member.expect("200\n") }
    let flooder = try server.login("flooder")
    let bystander = try server.login("bystander")
    let block = String(repeating: "MCAST t \(String(repeating: "x", count: 100))\n", count: 100)
    // So many messages in flight: two million deliveries, which take seconds.
    let window = 2000
    let (sent, answered) = (SharedCounter(), SharedCounter())
    let isOver = SharedFlag()
    let waits = Mutex<[TimeInterval]>([])
    try inParallel(3) { role in
      defer { isOver.raise() }
      switch role {
      case 0:
        while !isOver.isRaised {
          if sent.value - answered.value > window - 100 {
            usleep(1000)
          } else {
            flooder.send(block)
            sent.add(100)
          }
        }
      case 1: try drain(members, and: flooder, until: isOver) { answered.add($0 / "200\n".utf8.count) }
      default:
        while answered.value == 0, !isOver.isRaised { usleep(1000) }
        let deadline = Date() + 30
        for _ in 0..<100 where !isOver.isRaised && Date() < deadline {
          // Not a wait for something to happen: the PINGs are to come at any moment of a turn.
          usleep(.random(in: 10_000..<30_000))
          let begin = Date()
          guard bystander.expectQuiet() else { return }
          waits.withLock { $0.append(Date().timeIntervalSince(begin)) }
        }
      }
    }
    let times = waits.withLock { $0.sorted() }
    try #require(times.count == 100, "not all PINGs were answered in 30 s: \(times)")
    #expect(times[98] <= (ServerProcess.isSanitized ? 5 : 1), "\(times)")
    #expect(answered.value >= 500, "only \(answered.value) messages were served meanwhile")
  }

  /// Reads and drops what the server sends to these clients, and counts the bytes for `sender`.
  private func drain(
    _ clients: [TestClient], and sender: TestClient, until isOver: SharedFlag, count: (Int) -> Void
  ) throws {
    var waits = (clients + [sender]).map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    var sink = [UInt8](repeating: 0, count: 1 << 18)
    while !isOver.isRaised {
      guard poll(&waits, UInt(waits.count), 100) > 0 else { continue }
      for index in waits.indices where waits[index].revents != 0 {
        let bytes = recv(waits[index].fd, &sink, sink.count, Int32(MSG_DONTWAIT))
        try #require(bytes > 0, "client \(index) was closed")
        if waits[index].fd == sender.descriptor { count(bytes) }
      }
    }
  }
}
