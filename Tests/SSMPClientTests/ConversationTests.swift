// The conversation without I/O.

import FuzzHarness
import SSMPCore
import Testing

@testable import SSMPClient

@Suite("Conversation")
struct ConversationTests {
  private static let second: UInt64 = 1_000_000_000

  /// What the steps of a conversation came to, as text.
  private func read(_ conversation: inout Conversation<Int>, _ bytes: [UInt8]) -> (steps: [String], rest: Int) {
    var steps: [String] = []
    var place = 0
    let span = bytes.span.bytes
    var model: Message?
    loop: while true {
      switch conversation.next(span, at: place, like: model) {
      case .response(let message, let waiter):
        steps.append("\(message.code) for \(waiter.map(String.init) ?? "nothing")")
        (model, place) = (message, Int(message.end))
      case .event(let message):
        steps.append("event \(message.verb)")
        (model, place) = (message, Int(message.end))
      case .heartbeat(let message, _):
        steps.append("\(message.verb)")
        (model, place) = (message, Int(message.end))
      case .incomplete: break loop
      case .violation(let reason):
        steps.append(reason)
        break loop
      }
    }
    return (steps, bytes.count - place)
  }

  private func output(_ conversation: borrowing Conversation<Int>) -> String {
    String(decoding: Array(conversation.output.bytes), as: UTF8.self)
  }

  private func ask(_ conversation: inout Conversation<Int>, _ number: Int, timeout: UInt64 = .max >> 1, now: UInt64 = 0)
  {
    conversation.request(.multicast("t", "x"), number, ticket: UInt64(number), timeout: timeout, now: now)
  }

  @Test("Responses belong to requests in their order, with events in between, at each split of the input")
  func order() {
    let input = Array(
      "200\n000 a MCAST t hello\n404 why not\n000 . PING\n000 a UCAST me \u{0}\u{0}\n\n000 . PONG\n405\n".utf8)
    let expected = [
      "200 for 1", "event mcast", "404 for 2", "ping", "event ucast", "pong", "405 for 3",
    ]
    for split in 0...input.count {
      var conversation = Conversation<Int>(.init(), now: 0)
      for number in 1...3 { ask(&conversation, number) }
      var (steps, rest) = read(&conversation, Array(input[..<split]))
      let (more, left) = read(&conversation, Array(input[(split - rest)...]))
      steps += more
      #expect(steps == expected && left == 0, "split at \(split)")
      #expect(output(conversation).hasSuffix("PONG\n") && conversation.owed == 0)
    }
  }

  @Test("Random requests and responses, in random pieces, agree with a list")
  func random() {
    for seed in 0..<200 {
      var chance = Chance(seed: UInt64(seed))
      var conversation = Conversation<Int>(.init(), now: 0)
      var waiting: [Int?] = []
      var (expected, steps): ([String], [String]) = ([], [])
      var (input, next): ([UInt8], Int) = ([], 1)
      for _ in 0..<200 {
        switch chance.below(4) {
        case 0:
          ask(&conversation, next)
          waiting.append(next)
          next += 1
        case 1 where !waiting.isEmpty:
          let waiter = waiting.removeFirst()
          input += Array("200\n".utf8)
          expected.append("200 for \(waiter.map(String.init) ?? "nothing")")
        case 2:
          input += Array("000 a MCAST t x\n".utf8)
          expected.append("event mcast")
        default:
          // All is committed, so that the request stays and only its waiter goes.
          guard let index = waiting.indices.randomElement(using: &chance), let number = waiting[index] else { continue }
          let taken = conversation.withdraw(UInt64(number), committed: conversation.output.count)
          #expect(taken?.waiter == number && taken?.sent == .unknown)
          waiting[index] = nil
        }
        let piece = min(input.count, chance.below(20))
        let (some, rest) = read(&conversation, Array(input[..<piece]))
        steps += some
        input.removeFirst(piece - rest)
      }
      steps += read(&conversation, input).steps
      #expect(steps == expected, "seed \(seed)")
      #expect(conversation.owed == waiting.count)
    }
  }

  @Test("A request that nothing of was sent is taken back as a whole, and those behind it move up")
  func withdrawal() {
    var conversation = Conversation<Int>(.init(), now: 0)
    for number in 1...3 { ask(&conversation, number) }
    let taken = conversation.withdraw(2, committed: 0)
    #expect(taken?.waiter == 2 && taken?.sent == .no)
    conversation.removeWithdrawn()
    #expect(output(conversation) == "MCAST t x\nMCAST t x\n" && conversation.owed == 2)
    conversation.sent(15)
    #expect(conversation.withdraw(1, committed: 0)?.sent == .yes)
    #expect(conversation.withdraw(3, committed: 0)?.sent == .unknown)
    #expect(conversation.withdraw(3, committed: 0) == nil)
    #expect(read(&conversation, Array("200\n200\n".utf8)).steps == ["200 for nothing", "200 for nothing"])
  }

  @Test("A response's time counts from the request, or from the server's last message if that is later")
  func expiry() {
    var conversation = Conversation<Int>(.init(), now: 0)
    ask(&conversation, 1, timeout: 10 * Self.second, now: 0)
    ask(&conversation, 2, timeout: 2 * Self.second, now: 1 * Self.second)
    conversation.sent(conversation.output.count)
    #expect(conversation.deadline == 3 * Self.second)
    conversation.received(now: 2 * Self.second)
    _ = read(&conversation, Array("000 a MCAST t x\n".utf8))
    #expect(conversation.expired(now: 3 * Self.second, committed: 0).isEmpty)
    #expect(conversation.deadline == 4 * Self.second)
    #expect(conversation.expired(now: 4 * Self.second, committed: 0).map(\.waiter) == [2])
    #expect(conversation.deadline == 12 * Self.second)
    #expect(conversation.expired(now: 12 * Self.second, committed: 0).map(\.waiter) == [1])
    #expect(conversation.owed == 2)
  }

  @Test("Silence asks for a PING, then for the end; each byte begins the time anew (Client-initiated)")
  func liveness() {
    var conversation = Conversation<Int>(.init(), now: 0)
    #expect(conversation.deadline == 30 * Self.second)
    #expect(conversation.duty(now: 29 * Self.second) == .nothing)
    #expect(conversation.duty(now: 30 * Self.second) == .ping)
    #expect(output(conversation) == "PING\n")
    conversation.received(now: 40 * Self.second)
    #expect(conversation.duty(now: 69 * Self.second) == .nothing)
    #expect(conversation.duty(now: 70 * Self.second) == .giveUp)
    _ = read(&conversation, Array("000 . PONG\n".utf8))
    #expect(conversation.duty(now: 70 * Self.second) == .ping)
  }

  @Test("A lost connection gives all waiters back, and tells which requests were never sent")
  func abandonment() {
    var conversation = Conversation<Int>(.init(), now: 0)
    for number in 1...3 { ask(&conversation, number) }
    conversation.sent(15)
    let all = conversation.abandon()
    #expect(all.map(\.waiter) == [1, 2, 3])
    #expect(all.map(\.sent) == [.unknown, .unknown, .no])
  }

  @Test("Each request is written as the grammar has it, and is read back by the server's parser")
  func requests() throws {
    let payload = try Payload(binary: [10, 0])
    let all: [(ClientRequest, String)] = [
      (.login(.open("me"), nil), "LOGIN me open\n"), (.login(.open("me"), "word"), "LOGIN me open word\n"),
      (.close, "CLOSE\n"), (.subscribe("t", presence: false), "SUBSCRIBE t\n"),
      (.subscribe("t", presence: true), "SUBSCRIBE t PRESENCE\n"), (.unsubscribe("t"), "UNSUBSCRIBE t\n"),
      (.unicast("you", payload), "UCAST you \u{0}\u{1}\n\u{0}\n"), (.multicast("t", "a b"), "MCAST t a b\n"),
      (.broadcast("hello"), "BCAST hello\n"), (.other("NEW", nil, nil), "NEW\n"),
      (.other("NEW", "x", "y"), "NEW x y\n"),
    ]
    for (request, text) in all {
      var conversation = Conversation<Int>(.init(), now: 0)
      conversation.request(request, 1, timeout: 1, now: 0)
      #expect(output(conversation) == text)
      let outcome = RequestParser.parse(conversation.output.bytes.bytes, at: 0, framing: .exact)
      guard case .complete(let parsed) = outcome else {
        Issue.record("\(text) is not read back")
        continue
      }
      #expect(Int(parsed.end) == text.utf8.count)
    }
  }
}
