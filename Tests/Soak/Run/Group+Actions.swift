// What clients do, at random.

import SSMPCore
import SSMPTransport

extension Group {
  /// Some clients do something.
  func act() {
    for _ in 0..<2 where clients.count < limits.clients && random.once(in: 2) { openClient() }
    if random.once(in: 4000) { departTogether() }
    guard !clients.isEmpty else { return }
    for _ in 0..<random.pick([0, 1, 1, 2, 4]) {
      guard let client = clients.values.randomElement(using: &random) else { return }
      act(client)
    }
  }

  private func act(_ client: Client) {
    let session = client.session
    guard session.loggedIn != nil, session.ownEnd == nil, !session.expectsEnd, client.unwritten < 64 << 10 else {
      return
    }
    if case .withStops(let most) = client.habits.reads, random.once(in: 6) {
      let milliseconds = 1 + random.below(most)
      model.readPoorly(session, milliseconds: milliseconds)
      client.stoppedUntil = time + UInt64(milliseconds) * 1_000_000
    }
    switch random.below(400) {
    case 0:
      model.reset(session)
      return end(client, .own, abruptly: true)
    case 1:
      request(client)
      model.halfClose(session)
      client.halfCloses = true
      return
    case 2: return send(.close, from: client)
    case 3: return send(.malformed, from: client)
    default: break
    }
    let count = 1 + random.below(client.habits.burst)
    // A burst is often of one kind: runs of messages are served in one step.
    let repeated: Request? = random.once(in: 2) ? makeRequest(session) : nil
    for _ in 0..<count { send(repeated ?? makeRequest(session), from: client) }
  }

  /// A client says something, and all others can wait for it.
  func knock(_ client: Client, most: Int) {
    guard client.session.isSafe else { return }
    // Different messages one after the other are as many entries in the logs of the server.
    let repeated: Request? = random.once(in: 3) ? makeRequest(client.session) : nil
    for _ in 0..<1 + random.below(most) { send(repeated ?? makeRequest(client.session), from: client) }
  }

  /// One request of any kind.
  private func request(_ client: Client) { send(makeRequest(client.session), from: client) }

  private func makeRequest(_ session: Session) -> Request {
    let topic = random.once(in: 40) ? model.names.forbiddenTopic : random.below(model.names.topics.count - 1)
    let identity = random.below(model.names.identities.count)
    switch random.below(100) {
    case 0..<26: return .multicast(topic)
    case 26..<52: return .unicast(identity)
    case 52..<56: return .broadcast
    case 56..<78: return .subscribe(topic, presence: random.once(in: 2))
    case 78..<88: return .unsubscribe(topic)
    case 88..<94: return .ping
    case 94..<97: return .unknown
    case 97: return .secondLogin
    case 98: return .pong
    default: return .ping
    }
  }

  /// Puts a request into a client's output.
  func send(_ request: Request, from client: Client) {
    var length = Payload.shortest
    var isBinary = false
    switch request {
    case .unicast, .multicast, .broadcast:
      length = random.pick([Payload.shortest, 33, 64, 100, 300, 1000, 1023, Payload.longest])
      isBinary = random.once(in: 4)
    default: break
    }
    let sent = model.queue(request, client.session, length: length, binary: isBinary)
    Wire.write(request, payload: sent?.payload.bytes, model.names, &random, to: &client.output)
  }

  /// A new connection, under an identity that may be in use.
  private func openClient() {
    let names = model.names
    let identity = random.once(in: 20) ? nil : random.below(names.identities.count)
    // Now and then somebody without a certificate tries a name that belongs to one.
    let isProven = identity.map { names.kinds[$0] == .certificate } ?? false && !random.once(in: 20)
    let kind = isProven ? 0 : random.below(10)
    let target = kind < 2 ? targets.tls : kind < 5 ? targets.unix : targets.plain
    var source: SocketAddress?
    if kind < 2 || kind >= 5 {
      // Many addresses have many ports.
      source = SocketAddress(internet: "127.0.\(number + 1).\(1 + random.below(200)):0")
    }
    let habits = Habits(&random)
    let session = model.open(identity: identity, isProven: isProven)
    session.label = "\(kind < 2 ? "tls" : kind < 5 ? "unix" : "plain") \(habits.label)"
    do {
      let client = try Client(
        session, habits, to: target, from: source, usesTLS: kind < 2, at: time)
      try poller.add(client.descriptor, token: UInt64(session.uid))
      clients[session.uid] = client
      begin(client, isProven ? "cert" : "open")
    } catch {
      // The kernel's queue can be full.
      model.ended(session, .own)
    }
  }

  private func begin(_ client: Client, _ scheme: String) {
    let session = client.session
    let name = session.identity.map { model.names.identities[$0] } ?? Names.anonymous
    if client.habits.isSilent {
      model.keepSilent(session)
      if random.once(in: 2) { client.output = Array("LOGIN somebo".utf8) }
      return
    }
    if case .slowly(let bytes) = client.habits.reads { model.readPoorly(session, milliseconds: bytes) }
    model.queueLogin(session)
    Wire.login(name, scheme: scheme, to: &client.output)
    if client.habits.isHasty { for _ in 0..<random.below(6) { request(client) } }
  }
}
