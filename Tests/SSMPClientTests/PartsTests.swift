// The small parts of the client: pauses, moments, queues.

import FuzzHarness
import Testing

@testable import SSMPClient

@Suite("Parts")
struct PartsTests {
  @Test("Pauses are random below a limit that doubles up to the longest, and begins anew after success")
  func backoff() {
    var reconnection = SSMPClient.Reconnection()
    reconnection.firstPause = .milliseconds(250)
    reconnection.longestPause = .seconds(60)
    var limits: [UInt64] = []
    for _ in 0..<200 {
      var backoff = Backoff(reconnection)
      var pauses = (0..<12).map { _ in backoff.next(random: .random(in: 0...UInt64.max)) }
      backoff.reset()
      pauses.append(backoff.next(random: .random(in: 0...UInt64.max)))
      if limits.isEmpty { limits = pauses } else { limits = zip(limits, pauses).map { max($0, $1) } }
    }
    let bounds = (0..<12).map { min(60_000, 250 << UInt64($0)) * 1_000_000 } + [250_000_000]
    for (limit, bound) in zip(limits, bounds) { #expect(limit <= bound && limit > bound / 2) }
  }

  @Test("Three losses in a row within ten seconds of a login are a contest; a longer connection ends the row")
  func contest() {
    let second: UInt64 = 1_000_000_000
    var contest = Contest()
    let results = [9, 9, 10, 1, 1, 1].map { contest.lost(loggedInAt: 0, now: $0 * second) }
    #expect(results == [false, false, false, false, false, true])
  }

  @Test("Moments are taken in order, and none before its time")
  func timers() {
    var chance = Chance(seed: 7)
    var heap = TimerHeap<Int>()
    var all: [UInt64] = []
    for number in 0..<2000 {
      let moment = UInt64(chance.below(10_000))
      all.append(moment)
      heap.add(moment, number)
    }
    #expect(heap.next == all.min())
    var taken: [UInt64] = []
    for now in stride(from: UInt64(0), through: 10_000, by: 100) {
      while let number = heap.take(now: now) {
        #expect(all[number] <= now)
        taken.append(all[number])
      }
    }
    #expect(taken.count == 2000 && taken == taken.sorted() && heap.next == nil)
  }

  @Test("What goes into a queue comes out in order")
  func fifo() {
    var queue = Fifo<Int>()
    var (next, expected) = (0, 0)
    var chance = Chance(seed: 3)
    for _ in 0..<20_000 {
      if chance.below(5) < 3 {
        queue.append(next)
        next += 1
      } else if let value = queue.popFirst() {
        #expect(value == expected)
        expected += 1
      }
      #expect(queue.count == next - expected)
    }
    #expect(queue.popAll() == Array(expected..<next) && queue.isEmpty)
  }

  @Test("What a reader gives back wakes another one that waits")
  func putBack() async throws {
    let queue = EventQueue<SSMPClient.State>(.suspend(limit: 8))
    _ = queue.add([.online, .closed])
    func readOne() async throws -> QueueReader<SSMPClient.State> {
      var reader = QueueReader(queue) {}
      #expect(try await reader.next(isolation: nil) == .online)
      return reader
    }
    let first = try await readOne()
    let second = Task { () -> SSMPClient.State? in
      var reader = QueueReader(queue) {}
      return try await reader.next(isolation: nil)
    }
    try await Task.sleep(for: .milliseconds(50))
    withExtendedLifetime(first) {}
    _ = consume first
    #expect(try await second.value == .closed)
  }

  @Test(
    "Messages of the conventions are read and written back",
    arguments: [
      "?abcdefgh info", "?abcdefgh echo some  words ", "+abcdefgh", "+abcdefgh part", "!abcdefgh 200",
      "!abcdefgh 303 http://x/y size=1",
    ])
  func exchange(text: String) throws {
    let message = try #require(ExchangeMessage(try Payload(text)))
    #expect(try message.payload() == Payload(text))
    let bytes = Array(text.utf8) + [10, 0, 10, 255]
    let binary = try #require(ExchangeMessage(try Payload(binary: bytes)))
    #expect(binary.bytes == [0, 10, 255] && binary.text == message.text)
    #expect(try binary.payload() == Payload(binary: bytes))
  }

  @Test(
    "Anything else is none",
    arguments: [
      "hello", "?", "?short x", "?abcdefgh", "?abcdefghijklmnopqrstuvw x", "!abcdefgh", "!abcdefgh 20", "!abcdefgh abc",
      "? a b",
      "?abc%efgh x",
    ])
  func noExchange(text: String) throws {
    #expect(ExchangeMessage(try Payload(text)) == nil)
  }
}
