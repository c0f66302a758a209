// Finding services.

import SSMPTransport

extension SSMPClient {
  /// The instances of a service that are there, kept up to date by presence (docs/services.md).
  ///
  /// Instances subscribe to `svc/NAME` without PRESENCE, and those that look for them with it: so the initial batch tells which is
  /// which, and no instance is told of the others.
  ///
  /// - Parameter name: the service.
  /// - Returns: the directory, which lives as long as it is referred to.
  /// - Throws: as `subscribe`.
  public func directory(of name: ID) async throws(SSMPError) -> Directory {
    let (topic, loads) = (try ID("svc/\(name)"), try ID("svc/\(name)/load"))
    let levels = try await subscribe(to: loads, buffering: .dropOldest())
    let presence = try await subscribe(to: topic, presence: true, buffering: .dropOldest())
    return Directory(self, topic, presence, levels)
  }

  /// The instances of a service.
  public final class Directory: Sendable {
    private let client: SSMPClient
    private let topic: ID
    private let presence: Subscription
    private let table = LoadTable()
    private let reader: Task<Void, Never>

    fileprivate init(_ client: SSMPClient, _ topic: ID, _ presence: Subscription, _ levels: Subscription) {
      self.client = client
      self.topic = topic
      self.presence = presence
      let table = table
      reader = Task { await table.follow(levels, of: topic, client) }
    }

    deinit { reader.cancel() }

    /// The instances that are there, and the load that each has told last; `nil` if it has not since this directory began.
    public var instances: [ID: Double?] {
      let levels = table.loads
      var all: [ID: Double?] = [:]
      for (id, watches) in client.roster(of: topic) where !watches { all[id] = .some(levels[id]) }
      return all
    }

    /// An instance to ask: of two that are chosen at random the less loaded; `nil` if there is none.
    public func pick() -> ID? {
      let all = instances
      let two = all.keys.shuffled().prefix(2)
      return two.min { (all[$0].flatMap { $0 } ?? 0) < (all[$1].flatMap { $0 } ?? 0) }
    }

    /// Asks one instance, chosen by load, and another one if that has gone.
    ///
    /// - Throws: `.refused` with 404 if there is none; otherwise as `SSMPClient.call`.
    public func call(
      _ verb: String, _ argument: String = "", bytes: [UInt8]? = nil, timeout: Duration = .seconds(10),
      isolation: isolated (any Actor)? = #isolation
    ) async throws(SSMPError) -> Reply {
      var attempts = 0
      while let instance = pick() {
        do throws(SSMPError) {
          return try await client.call(
            verb, argument, bytes: bytes, of: instance, timeout: timeout, isolation: isolation)
        } catch {
          attempts += 1
          // It has left, and the event that says so is on its way.
          guard case .refused(let response) = error, response.code == 404, attempts < 3 else { throw error }
        }
      }
      throw .refused(Response(code: 404))
    }

    /// Asks all instances, and waits until each that is there has answered or has left, or the time is over. If there is none, it
    /// waits no longer than until the request is sent.
    ///
    /// - Returns: by instance its answer; `nil` for those that stayed silent.
    /// - Throws: as `SSMPClient.multicast`.
    public func callAll(
      _ verb: String, _ argument: String = "", bytes: [UInt8]? = nil, timeout: Duration = .seconds(2),
      isolation: isolated (any Actor)? = #isolation
    ) async throws(SSMPError) -> [ID: Reply?] {
      let message = ExchangeMessage(
        .request(verb: try ID(verb).description), ExchangeMessage.newTag(), text: argument, bytes: bytes)
      let answers = EventQueue<Exchanges.Answer>(.fail(limit: 100_000))
      let core = client.core
      try core.ask(topic: topic, message, within: timeout.nanoseconds, answers)
      defer { core.locked { core.settle(exchange: message.tag, .failure(.cancelled(sent: .unknown))) } }
      var reader = QueueReader(answers) { core.hasRoom(in: answers) }
      var replies: [ID: Reply?] = [:]
      // The first is that the request is sent: by then those are known that were there.
      while let answer = try await reader.next(isolation: isolation) {
        if let (from, reply) = answer.content { replies[from] = .some(reply) }
        if instances.keys.allSatisfy({ replies[$0] != nil }) { break }
      }
      for id in instances.keys where replies[id] == nil { replies[id] = .some(nil) }
      return replies
    }
  }
}

/// What instances have told of their load.
private final class LoadTable: Sendable {
  private let table = Locked<[ID: Double]>([:])
  /// The most instances that are remembered.
  private static let limit = 10_000

  var loads: [ID: Double] { table.withLock { $0 } }

  func follow(_ levels: SSMPClient.Subscription, of topic: ID, _ client: SSMPClient) async {
    do {
      await ask(topic, client)
      for try await event in levels {
        switch event {
        case .message(let from, let payload):
          guard let load = Self.load(in: payload.description) else { continue }
          table.withLock { if $0.count < Self.limit || $0[from] != nil { $0[from] = load } }
        case .interrupted: table.withLock { $0 = [:] }
        case .resumed: await ask(topic, client)
        case .joined, .left, .lost: break
        }
      }
    } catch {
      // The client has ended, and all its sequences with it.
    }
  }

  /// Asks all instances for their load, since they tell of changes alone. What they answer is taken unless a change came since.
  private func ask(_ topic: ID, _ client: SSMPClient) async {
    let message = ExchangeMessage(.request(verb: "stats"), ExchangeMessage.newTag())
    let answers = EventQueue<Exchanges.Answer>(.dropOldest(limit: Self.limit))
    let core = client.core
    guard (try? core.ask(topic: topic, message, within: Self.patience, answers)) != nil else { return }
    Task {
      var reader = QueueReader(answers) { core.hasRoom(in: answers) }
      while let answer = try? await reader.next(isolation: nil) {
        guard let (from, reply) = answer.content, let load = Self.load(in: reply.text) else { continue }
        table.withLock { if $0.count < Self.limit, $0[from] == nil { $0[from] = load } }
      }
    }
  }

  /// How long answers are waited for: two seconds.
  private static let patience: UInt64 = 2_000_000_000

  /// `load=0.4`, and whatever else there may be.
  private static func load(in text: String) -> Double? {
    for word in text.split(separator: " ") where word.hasPrefix("load=") {
      return Double(word.dropFirst(5)).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    }
    return nil
  }
}
