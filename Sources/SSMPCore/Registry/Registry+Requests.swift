// Serving the requests of one connection, in order.

/// How far a batch of requests was served.
public enum Progress: Equatable, Sendable {
  /// All of it.
  case done
  /// Not from this place on: the connection is held back, and a `resume` delivery will say when to go on.
  case held(at: Int)
  /// Not from this place on: the rest is for another turn, when others have had theirs.
  case yielded(at: Int)
  /// The connection is over; a `close` delivery says so to its loop. The rest of the batch is not served.
  case ended
}

extension Registry {
  /// Serves the requests of `batch`, in order, as those of `client`.
  ///
  /// - Parameters:
  ///   - bytes: what the batch was parsed from.
  ///   - session: the state of the client's conversation.
  ///   - sender: what its loop knows of it beside that.
  public mutating func serve(
    _ batch: borrowing RequestBatch, _ bytes: RawSpan, from client: ClientID, session: inout Session,
    sender: SenderState = SenderState()
  ) -> Progress {
    begin(actingFor: client)
    flow.sender = sender
    if sender.pressure != .none { flow.stops.insert(.pressed) } else { flow.stops.remove(.pressed) }
    defer { flow.steps += batch.count * Self.requestSteps }
    guard session.phase != .ended else { return .ended }
    if session.phase == .loggedIn, !record(client).isActive {
      // Displaced by another login, perhaps on another loop; the `close` is on its way.
      session.phase = .ended
      return .ended
    }
    if session.phase == .loggedIn, record(client).accessGeneration != permissions.generation, !readmit(client) {
      session.phase = .ended
      return .ended
    }
    // Short batches are answered with little, and there are but a few of a client's until its loop takes the log.
    guard batch.count > Self.shortBatch, session.phase == .loggedIn else {
      return serveAll(of: batch, bytes, from: client, session: &session)
    }
    if isHeld(client, beforeAnswersTo: batch.count) { return .held(at: Int(batch[0].start)) }
    let before = logs[client.loop].replyBytes
    let progress = serveAll(of: batch, bytes, from: client, session: &session)
    if session.phase == .loggedIn { chargeReplies(to: client, since: before) }
    return progress
  }

  /// The steps that a request counts for.
  static var requestSteps: Int { 16 }

  /// The requests of a batch that is not worth counting the bytes of replies for.
  static var shortBatch: Int { 32 }

  @inline(__always)
  private mutating func serveAll(
    of batch: borrowing RequestBatch, _ bytes: RawSpan, from client: ClientID, session: inout Session
  ) -> Progress {
    for index in 0..<batch.count {
      let request = batch[index]
      if UInt64(flow.stops.rawValue) | logs.obstructing != 0,
        let wait = wait(index, of: batch, bytes, from: client, session)
      {
        if flow.stops.contains(.unfinished) { return putOff(batch[index - 1]) }
        return wait == .held ? .held(at: Int(request.start)) : .yielded(at: Int(request.start))
      }
      counts.requests[request.verb] += 1
      switch session.verdict(on: request.verb) {
      case .serve: serve(request, bytes, from: client, session: &session)
      case .refuse(let code): reply(code, to: client)
      case .end(let code, let reason): end(client, &session, code, reason)
      }
      if session.phase != .loggedIn {
        if session.phase == .ended { return .ended }
        // A LOGIN that waits for the departure of the one before; it will be counted when it is served.
        counts.requests[request.verb] -= 1
        return .held(at: Int(request.start))
      }
    }
    if flow.stops.contains(.unfinished) { return putOff(batch[batch.count - 1]) }
    if batch.stop == .invalid {
      end(client, &session, .badRequest, .badRequest)
      return .ended
    }
    return .done
  }

  /// The request before was too much for one step, and goes on in another turn; it will be counted when it is served.
  private mutating func putOff(_ request: Request) -> Progress {
    counts.requests[request.verb] -= 1
    return .yielded(at: Int(request.start))
  }

  /// What each verb does has a place of its own.
  private mutating func serve(
    _ request: Request, _ bytes: RawSpan, from client: ClientID, session: inout Session
  ) {
    switch request.verb {
    case .login: login(request, bytes, client, &session)
    case .close: end(client, &session, .ok, .closeRequest)
    case .ping: pong(client)
    case .pong: break
    case .subscribe: subscribe(request, bytes, client)
    case .unsubscribe: unsubscribe(request, bytes, client)
    case .ucast: unicast(request, bytes, client)
    case .mcast: multicast(request, bytes, client)
    case .bcast: broadcast(request, bytes, client)
    case .unknown: break  // The session has answered 501.
    }
  }

  /// Answers PING (Client-initiated).
  private mutating func pong(_ client: ClientID) {
    logs[client.loop].reply("000 . PONG\n", to: client.slot)
    touch(client.loop)
  }

  /// Answers, closes, and forgets the connection.
  mutating func end(_ client: ClientID, _ session: inout Session, _ code: ReplyCode, _ reason: CloseReason) {
    reply(code, to: client)
    close(client, reason)
    if session.phase == .loggedIn { remove(client) }
    session.phase = .ended
  }

  /// Puts the end of a connection, with the name it had, behind everything that was delivered to it.
  mutating func close(_ client: ClientID, _ reason: CloseReason) {
    let name = isActive(client) ? record(client).name : .empty
    unsafe logs[client.loop].close(client.slot, reason, name: names.buffer(name))
    touch(client.loop)
  }

  /// Ends a connection in good order, for a reason of its loop's: it leaves, and a `close` delivery follows what it was
  /// sent before.
  public mutating func finish(_ client: ClientID, _ reason: CloseReason) {
    begin(actingFor: client)
    close(client, reason)
    if isActive(client) { remove(client) }
  }

  /// Removes a connection that its loop has closed, or is about to close, for a reason of its own. Its UNSUBSCRIBE events
  /// go out (Closing connections). Nothing happens where it was not logged in, or has been displaced.
  public mutating func leave(_ client: ClientID) {
    begin(actingFor: client)
    if isActive(client) { remove(client) }
  }
}
