// Serving other clients.

import SSMPTransport

extension SSMPClient {
  /// How much a service has to do, as it tells its callers: 0 for nothing, 1 for as much as it can.
  public final class ServiceLoad: Sendable {
    private let current: Locked<(value: Double, tell: (@Sendable () -> Void)?)>

    /// A load to begin with.
    public init(_ value: Double = 0) {
      current = Locked((value, nil))
    }

    /// The load. A change is sent to those that look for the service, if it is a change by one hundredth or more.
    public var value: Double {
      get { current.withLock { $0.value } }
      set {
        let tell = current.withLock { current in
          let isChange = (newValue * 100).rounded() != (current.value * 100).rounded()
          current.value = newValue
          return isChange ? current.tell : nil
        }
        tell?()
      }
    }

    /// Has `tell` called when the load has changed.
    fileprivate func follow(_ tell: (@Sendable () -> Void)?) {
      current.withLock { $0.tell = tell }
    }
  }

  /// Serves requests of other clients, until the task is cancelled or the client is closed (docs/services.md).
  ///
  /// Besides the verbs that are given, `ping`, `info` and `stats` are answered. Verbs that nothing is given for are answered 501.
  ///
  /// - Parameters:
  ///   - name: the service: clients find it in the topic `svc/NAME`.
  ///   - version: what `info` tells.
  ///   - load: what callers choose by.
  ///   - limit: the most requests that are served at the same time. More wait.
  ///   - verbs: what answers each verb. An error that is thrown is answered 400.
  /// - Throws: what `subscribe` throws, and what has ended the client.
  public func serve(
    _ name: ID, version: String = "1", load: ServiceLoad = ServiceLoad(), limit: Int = 64,
    verbs: [String: @Sendable (Call) async throws -> Reply]
  ) async throws {
    let topic = try ID("svc/\(name)")
    let loads = try ID("svc/\(name)/load")
    let queue = EventQueue<Exchanges.Incoming>(.suspend())
    let isFree = core.locked {
      if core.exchanges.incoming == nil { core.exchanges.incoming = queue }
      return core.exchanges.incoming === queue
    }
    guard isFree else { throw SSMPError.invalid("this client serves already; one service is one client") }
    defer { core.stopServing(queue) }
    let subscription = try await subscribe(to: topic)
    let (changes, occasion) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    load.follow { occasion.yield() }
    defer { load.follow(nil) }
    // One task tells of the load, and reads it when it does: the load that is told last is the latest.
    async let _ = {
      for await _ in changes { try? await self.multicast(Payload("load=\(Self.text(load.value))"), to: loads) }
    }()
    async let _ = { for await state in self.states where state == .online { occasion.yield() } }()
    let service = RunningService(client: self, name: name, version: version, load: load, verbs: verbs)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.serve(queue, limit: limit) }
      group.addTask {
        // Requests to all instances come over the topic.
        for try await event in subscription {
          if case .message(let from, let payload) = event { _ = self.core.takeRequest(from: from, payload) }
        }
      }
      try await group.next()
      group.cancelAll()
    }
  }

  /// A load as it is sent.
  static func text(_ load: Double) -> String {
    guard !load.isNaN else { return "0.00" }
    let hundredths = Int((min(max(load, 0), 100) * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)"
  }
}

/// A service at work.
private struct RunningService: Sendable {
  let client: SSMPClient
  let name: ID
  let version: String
  let load: SSMPClient.ServiceLoad
  let verbs: [String: @Sendable (SSMPClient.Call) async throws -> SSMPClient.Reply]

  func serve(_ queue: EventQueue<Exchanges.Incoming>, limit: Int) async throws {
    let core = client.core
    var reader = QueueReader(queue) { core.hasRoom(in: queue) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      var running = 0
      while let request = try await reader.next(isolation: nil) {
        if running >= max(1, limit) {
          try await group.next()
          running -= 1
        }
        running += 1
        // At once, on this thread: most answers are short.
        group.addImmediateTask { await answer(request) }
      }
    }
  }

  private func answer(_ request: Exchanges.Incoming) async {
    guard case .request(let verb) = request.message.kind else { return }
    let call = SSMPClient.Call(
      from: request.from, verb: verb, argument: request.message.text, bytes: request.message.bytes,
      tag: request.message.tag, client: client)
    var reply = await reply(to: call)
    if (try? payload(reply, call)) == nil { reply = .failed("the answer is too long") }
    // The caller may be gone; nothing else can be done for it.
    guard let payload = try? payload(reply, call) else { return }
    try? await client.unicast(payload, to: call.from)
  }

  private func payload(_ reply: SSMPClient.Reply, _ call: SSMPClient.Call) throws(SSMPError) -> Payload {
    try ExchangeMessage(.answer(code: reply.code), call.tag, text: reply.text, bytes: reply.bytes).payload()
  }

  private func reply(to call: SSMPClient.Call) async -> SSMPClient.Reply {
    guard let handler = verbs[call.verb] else { return standard(call) }
    do {
      return try await handler(call)
    } catch {
      return .failed(String("\(error)".split(separator: "\n").joined(separator: " ").prefix(200)))
    }
  }

  /// The verbs that each service has.
  private func standard(_ call: SSMPClient.Call) -> SSMPClient.Reply {
    switch call.verb {
    case "ping": .ok()
    case "info":
      .ok(
        "name=\(name) version=\(version) verbs=\((["info", "ping", "stats"] + verbs.keys).sorted().joined(separator: ","))"
      )
    case "stats": .ok("load=\(SSMPClient.text(load.value))")
    default: SSMPClient.Reply(code: 501)
    }
  }
}

extension ClientCore {
  /// Takes a request that came over a topic.
  fileprivate func takeRequest(from: ID, _ payload: Payload) -> Bool {
    locked { takeExchange(from: from, payload) }
  }

  /// No longer serves others.
  fileprivate func stopServing(_ queue: EventQueue<Exchanges.Incoming>) {
    queue.end(.finished)
    hasRoom(in: queue)
    locked { if exchanges.incoming === queue { exchanges.incoming = nil } }
  }
}
