// Logging in, taking an identifier over, and leaving.

extension Registry {
  /// Serves the first request of a connection (Login).
  mutating func login(_ request: Request, _ bytes: RawSpan, _ client: ClientID, _ session: inout Session) {
    guard let scheme = permissions.login.scheme(of: request, bytes, session) else {
      return refuseLogin(client, &session, permissions.login.refusal(of: request, bytes, session))
    }
    guard let role = role(of: request, bytes, by: scheme) else {
      return refuseLogin(client, &session, .access)
    }
    let isAnonymous = request.id.count == 1 && bytes.byte(request.id.lowerBound) == UInt8(ascii: ".")
    let key = hash(bytes, request.id)
    let previous = isAnonymous ? nil : self.client(bytes, request.id, key)
    // A LOGIN that displaces a connection takes its place, so the limit does not apply.
    guard previous != nil || clients.active < clients.most else {
      close(client, .connectionLimit)
      session.phase = .ended
      return
    }
    if let previous {
      // A client that logged in by `cert` is displaced only by a LOGIN by `cert` (Named
      // connections).
      if record(previous).scheme == .cert, scheme != .cert { return refuseLogin(client, &session, .held) }
      // The UNSUBSCRIBE events of the old connection come before anything of the new one.
      close(previous, .displaced)
      remove(previous)
    }
    if !isAnonymous, let departure = departure(ofWhoWas: bytes, request.id) {
      // Watchers must still get farewells of an earlier client with this identity. The session
      // stays as it is, and the LOGIN is served again when they have got them.
      flow.waiters[.departure(departure), default: []].append(client)
      return
    }
    clients[client.loop].ensure(Int(client.slot))
    var record = Client()
    record.name = names.insert(bytes, request.id)
    record.isActive = true
    record.isAnonymous = isAnonymous
    record.scheme = scheme
    record.accessGeneration = permissions.generation
    record.role = role
    record.hash = key
    record.broadcast = broadcasts.number
    clients[client.loop][Int(client.slot)] = record
    clients.active += 1
    counts.logins += 1
    if isAnonymous { clients.anonymous += 1 } else { clients.identities.insert(key, client.raw) }
    session.phase = .loggedIn
    session.isAnonymous = isAnonymous
    session.scheme = scheme
    reply(.ok, to: client)
  }

  /// Answers 401 with the schemes that the connection's listener offers (Login).
  private mutating func refuseLogin(_ client: ClientID, _ session: inout Session, _ refusal: LoginRefusal) {
    counts.replies[ReplyCode.unauthorized] += 1
    logs[client.loop].reply("401", to: client.slot)
    for scheme in session.schemes.schemes {
      logs[client.loop].reply(" ", to: client.slot)
      logs[client.loop].reply(scheme.name, to: client.slot)
    }
    logs[client.loop].reply("\n", to: client.slot)
    close(client, .unauthorized)
    session.phase = .ended
    session.refusal = refusal
  }
}
