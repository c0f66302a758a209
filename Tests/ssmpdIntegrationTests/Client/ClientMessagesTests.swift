// SSMPClient and the real ssmpd: messages, topics, presence.

import SSMPClient
import TLSHarness
import Testing

@Suite("SSMPClient with ssmpd")
struct ClientMessagesTests {
  private static func configuration(_ server: ServerProcess, _ id: ID) throws -> SSMPClient.Configuration {
    .init(try .init("tcp://127.0.0.1:\(server.port)"), login: .open(id))
  }

  @Test("UCAST reaches its recipient, MCAST the other subscribers, and BCAST all that share a topic")
  func messages() async throws {
    let server = try ServerProcess()
    try await SSMPClient.withClient(Self.configuration(server, "alice")) { alice in
      try await SSMPClient.withClient(Self.configuration(server, "bob")) { bob in
        var topic = try await bob.subscribe(to: "news").makeAsyncIterator()
        var own = try await alice.subscribe(to: "news").makeAsyncIterator()
        var messages = bob.messages.makeAsyncIterator()
        try await alice.unicast("for bob", to: "bob")
        try await alice.multicast("for all", to: "news")
        try await alice.broadcast("for friends")
        #expect(try await messages.next() == .unicast(from: "alice", "for bob"))
        #expect(try await messages.next() == .broadcast(from: "alice", "for friends"))
        #expect(try await topic.next() == .message(from: "alice", "for all"))
        try await bob.multicast("back", to: "news")
        #expect(try await own.next() == .message(from: "bob", "back"))
      }
    }
  }

  @Test("Presence tells of the members of a topic, and of each that comes or goes")
  func presence() async throws {
    let server = try ServerProcess()
    try await SSMPClient.withClient(Self.configuration(server, "watcher")) { watcher in
      var events = try await watcher.subscribe(to: "room", presence: true).makeAsyncIterator()
      try await SSMPClient.withClient(Self.configuration(server, "guest")) { guest in
        let room = try await guest.subscribe(to: "room")
        #expect(try await events.next() == .joined("guest", watches: false))
        #expect(watcher.roster(of: "room") == ["guest": false])
        var late = try await watcher.subscribe(to: "room", presence: true).makeAsyncIterator()
        #expect(try await late.next() == .joined("guest", watches: false))
        room.cancel()
        #expect(try await events.next() == .left("guest"))
      }
    }
  }

  @Test("A response other than 200 is an error of a message, and a value of a request")
  func refusals() async throws {
    let server = try ServerProcess()
    try await SSMPClient.withClient(Self.configuration(server, "alice")) { alice in
      await #expect(throws: SSMPError.refused(.init(code: 404))) { try await alice.unicast("x", to: "nobody") }
      let (unknown, nobody) = (
        try await alice.request("FUTURE", "x", "y"), try await alice.request("UCAST", "nobody", "y")
      )
      #expect(unknown.code == 501 && nobody.code == 404)
    }
  }

  @Test("A binary payload with any bytes comes back as it was sent")
  func binary() async throws {
    let server = try ServerProcess()
    try await SSMPClient.withClient(Self.configuration(server, "alice")) { alice in
      var messages = alice.messages.makeAsyncIterator()
      for count in [1, 2, 255, 256, 257, 1024] {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 + 7) }
        try await alice.unicast(Payload(binary: bytes), to: "alice")
        guard case .unicast(from: "alice", let payload) = try await messages.next() else {
          Issue.record("no message")
          return
        }
        #expect(payload.bytes == bytes && payload.isBinary)
      }
    }
  }

  @Test("Ten thousand messages by concurrent tasks arrive, each task's in order")
  func many() async throws {
    let server = try ServerProcess()
    try await SSMPClient.withClient(Self.configuration(server, "sink")) { sink in
      try await SSMPClient.withClient(Self.configuration(server, "source")) { source in
        let subscription = try await sink.subscribe(to: "flood")
        try await withThrowingTaskGroup(of: Void.self) { group in
          for task in 0..<20 {
            group.addTask {
              for number in 0..<500 { try await source.multicast(Payload("\(task) \(number)"), to: "flood") }
            }
          }
          group.addTask {
            var next = [Int](repeating: 0, count: 20)
            var count = 0
            for try await event in subscription {
              guard case .message(from: "source", let payload) = event else { continue }
              let words = payload.description.split(separator: " ").compactMap { Int($0) }
              #expect(next[words[0]] == words[1])
              next[words[0]] += 1
              count += 1
              if count == 10_000 { break }
            }
          }
          try await group.waitForAll()
        }
      }
    }
  }
}
