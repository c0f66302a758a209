// SSMPLoopback: nothing is kept.

import SSMPTransport
import Testing

@testable import SSMPClient
@testable import SSMPLoopback

@Suite("SSMPLoopback: life")
struct LoopbackLifeTests {
  /// Weak references to what a test has made.
  private struct Remains {
    weak var server: LoopbackCore?
    weak var core: ClientCore?
    weak var witness: Witness?
  }

  /// It is referred to by a configuration.
  private final class Witness: Sendable {
    let lines = Locked(0)
  }

  private func waitUntilGone(_ remains: Remains) async throws {
    try await eventually("all is freed") { remains.server == nil && remains.core == nil && remains.witness == nil }
  }

  private func connect(_ server: SSMPLoopback, _ id: ID = "alice") async throws -> (SSMPClient, Remains) {
    let witness = Witness()
    var configuration = server.configuration(login: .open(id))
    // What waits for a moment must not keep the client until then.
    configuration.timeouts.connecting = .seconds(3600)
    configuration.timeouts.ping = .seconds(3600)
    configuration.trace = { _ in witness.lines.withLock { $0 += 1 } }
    let client = try await SSMPClient.connect(configuration)
    return (client, Remains(server: server.core, core: client.core, witness: witness))
  }

  @Test("A server that is dropped without clients is freed")
  func unused() async throws {
    weak var core = SSMPLoopback().core
    #expect(core == nil)
    var server: SSMPLoopback? = SSMPLoopback()
    core = server?.core
    await server?.settled()
    server = nil
    try await eventually("the server is freed") { core == nil }
  }

  @Test("Clients that are closed and their server are freed")
  func closed() async throws {
    let remains: Remains
    do {
      let (client, all) = try await connect(SSMPLoopback())
      let subscription = try await client.subscribe(to: "t", presence: true)
      await client.close()
      _ = subscription
      remains = all
    }
    try await waitUntilGone(remains)
  }

  @Test("Clients that are dropped and their server are freed, long before the next PING is due")
  func dropped() async throws {
    let remains: Remains
    do {
      let (client, all) = try await connect(SSMPLoopback())
      try await client.unicast("x", to: "alice")
      remains = all
    }
    try await waitUntilGone(remains)
  }

  @Test("A client keeps its server, which goes on")
  func kept() async throws {
    let (client, remains) = try await connect(SSMPLoopback())
    try await client.unicast("x", to: "alice")
    #expect(remains.server != nil)
    await client.close()
  }

  @Test("Clients that were disconnected, or whose server has stopped, are freed")
  func lost() async throws {
    let server = SSMPLoopback()
    var remains: [Remains] = []
    do {
      let (client, all) = try await connect(server)
      server.disconnect("alice")
      remains.append(all)
      await client.close()
    }
    do {
      let (client, all) = try await connect(server, "bob")
      server.stop()
      remains.append(all)
      withExtendedLifetime(client) {}
    }
    try await eventually("the clients are freed") { remains.allSatisfy { $0.core == nil && $0.witness == nil } }
    #expect(server.clients.isEmpty)
  }

  @Test("The server counts no connection and uses no more slots when a hundred clients came and went")
  func counts() async throws {
    let server = SSMPLoopback()
    for number in 0..<100 {
      let client = try await server.client(ID("c\(number)"))
      let subscription = try await client.subscribe(to: "t", presence: true)
      await client.close()
      withExtendedLifetime(subscription) {}
    }
    await server.settled()
    server.core.locked { server in
      #expect(server.connectionCount == 0 && server.occupants.allSatisfy { $0 == nil })
      #expect(server.occupants.count <= 2)
      #expect(server.registry.clientCount == 0 && server.registry.topicCount == 0)
    }
  }
}
