// SSMPLoopback: logins and limits.

import SSMPClient
import SSMPLoopback
import Testing

@Suite("SSMPLoopback: logins")
struct LoopbackLoginTests {
  private func login(_ server: SSMPLoopback, _ login: SSMPClient.Login) async throws {
    try await SSMPClient.withClient(server.configuration(login: login)) { #expect(server.clients == [$0.id]) }
    #expect(server.clients.isEmpty)
  }

  @Test("By default any identifier logs in by open and by cert, and secret is not offered")
  func byDefault() async throws {
    let server = SSMPLoopback()
    try await login(server, .open("alice"))
    try await login(server, .open(.anonymous))
    try await login(server, .certificate("pump/1"))
    let schemes = SSMPError.loginRefused(schemes: ["cert", "open"])
    await #expect(throws: schemes) { try await login(server, .secret("alice", .provided { "s" })) }
    await #expect(throws: schemes) { try await login(server, .certificate(.anonymous)) }
  }

  @Test("A server with a secret alone accepts that secret alone")
  func secret() async throws {
    let server = SSMPLoopback(open: false, certificates: false, secret: "s3cret")
    try await login(server, .secret("alice", .provided { "s3cret" }))
    let schemes = SSMPError.loginRefused(schemes: ["secret"])
    await #expect(throws: schemes) { try await login(server, .secret("alice", .provided { "other" })) }
    await #expect(throws: schemes) { try await login(server, .open("alice")) }
    await #expect(throws: schemes) { try await login(server, .certificate("alice")) }
  }

  @Test("A credential that cannot be read ends the attempt")
  func credential() async throws {
    struct Missing: Error {}
    let server = SSMPLoopback(secret: "s")
    let configuration = server.configuration(login: .secret("a", .provided { throw Missing() }))
    await #expect { try await SSMPClient.connect(configuration) } throws: {
      if case .invalid = $0 as? SSMPError { true } else { false }
    }
  }

  @Test("A client beyond the limit is not let in; beyond the limit on subscriptions the response is 405")
  func limits() async throws {
    let server = SSMPLoopback(mostClients: 1, mostSubscriptions: 1)
    let alice = try await server.client("alice")
    await #expect { try await server.client("bob") } throws: {
      if case .unreachable = $0 as? SSMPError { true } else { false }
    }
    let first = try await alice.subscribe(to: "a")
    await #expect(throws: SSMPError.refused(.init(code: 405))) { _ = try await alice.subscribe(to: "b") }
    withExtendedLifetime(first) {}
    await alice.close()
    await server.settled()
    try await server.client("bob").close()
  }
}
