// Moving bytes.

import Glibc
import SSMPCore
import SSMPTransport

extension Group {
  /// Does for a client what can be done now.
  func serve(_ client: Client) {
    let context = client.usesTLS ? (client.session.isProven ? targets.proven : targets.unproven) : nil
    if let failure = client.advance(context) { return end(client, .broken(failure)) }
    guard client.state == .open else { return }
    if client.isReadable, isChaotic ? time >= client.stoppedUntil : true { read(client) }
    guard client.state == .open else { return }
    if let failure = client.write(&random, at: time, inHaste: !isChaotic) {
      // What the server has said before it closed is read first.
      client.isReadable = true
      read(client)
      if client.state == .open { end(client, .broken(failure)) }
    }
    if client.session.isSilent, client.state == .open { judgeSilence(client) }
  }

  private func judgeSilence(_ client: Client) {
    let bound = UInt64(shared.loginTimeout) * 1_000_000 + 6_000_000_000
    guard time - client.openedAt > bound, isChaotic else { return }
    model.fail(client.session, "a connection without LOGIN was not closed within --login-timeout")
  }

  /// Reads what has come, and as much of it as the client's habits allow.
  private func read(_ client: Client) {
    var budget = 256 << 10
    if isChaotic, case .slowly(let bytes) = client.habits.reads { budget = bytes }
    while budget > 0, client.state == .open, client.isReadable {
      let kept = client.rest.count
      scratch.copyMemory(from: client.rest.bytes)
      let room = UnsafeMutableRawBufferPointer(rebasing: scratch[kept..<kept + min(budget, 64 << 10)])
      switch receive(client, room) {
      case .bytes(let count):
        budget -= count
        client.rest.release()
        digest(client, UnsafeRawBufferPointer(rebasing: scratch[..<(kept + count)]))
      case .wouldBlock:
        // The end may be there already, of which no other event tells: then it is looked for again and again.
        client.isReadable = client.tls.map { $0.mayHaveMore || client.mayHaveEnded } ?? false
        return
      case .ended: end(client, .orderly)
      case .failed(let code): end(client, .broken(SystemError("recv", code: code).reason))
      }
    }
  }

  private func receive(_ client: Client, _ room: UnsafeMutableRawBufferPointer) -> Transfer {
    if let tls = client.tls { return tls.receive(into: room) }
    while true {
      let count = recv(client.descriptor, room.baseAddress, room.count, 0)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .ended }
      if errno == EINTR { continue }
      return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed(errno)
    }
  }

  /// Tells the model of all whole messages, and keeps what is left.
  private func digest(_ client: Client, _ bytes: UnsafeRawBufferPointer) {
    var place = 0
    while client.state == .open {
      switch MessageParser.parse(bytes.bytes, at: place) {
      case .complete(let message):
        take(message, bytes, client)
        place = Int(message.end)
        if !model.violations.isEmpty { return }
      case .incomplete:
        if place < bytes.count { client.rest.append(UnsafeRawBufferPointer(rebasing: bytes[place...])) }
        return
      case .invalid:
        let text = String(decoding: bytes[place...].prefix(100), as: UTF8.self)
        return model.fail(client.session, "the server has sent what is no message: \(text)")
      }
    }
  }

  private func take(_ message: Message, _ bytes: UnsafeRawBufferPointer, _ client: Client) {
    let session = client.session
    guard message.isEvent else { return model.answer(message.code, session) }
    switch message.verb {
    case .ping:
      model.ping(session)
      if session.ownEnd == nil { send(.pong, from: client) }
    case .pong: model.answer(0, session)
    default:
      guard let from = model.identity(bytes[message.from]) else {
        return model.fail(session, "an event of a stranger: \(String(decoding: bytes[message.line], as: UTF8.self))")
      }
      tell(message, from, bytes, session)
    }
  }

  private func tell(_ message: Message, _ from: Int?, _ bytes: UnsafeRawBufferPointer, _ session: Session) {
    switch message.verb {
    case .ucast:
      model.message(
        .ucast, from: from, target: model.names.identity(bytes[message.id]), payload: bytes[message.payload], session)
    case .mcast:
      model.message(
        .mcast, from: from, target: model.names.topic(bytes[message.id]), payload: bytes[message.payload], session)
    case .bcast: model.message(.bcast, from: from, target: nil, payload: bytes[message.payload], session)
    default:
      guard let topic = model.names.topic(bytes[message.id]) else {
        return model.fail(session, "presence of a strange topic")
      }
      model.presence(
        joins: message.verb == .subscribe, from: from, topic: topic, withPresence: message.hasPresence, session)
    }
  }

  /// A connection is over.
  func end(_ client: Client, _ end: Model.End, abruptly: Bool = false) {
    let isUnexplained = model.ended(client.session, end)
    // An end that was expected is one between messages. In the middle of one, a limit has ended the connection before: when a
    // machine does nothing for seconds, clients that read everything are slow, too.
    let isCut =
      if case .orderly = end {
        !client.rest.isEmpty && !client.session.isPoorReader && client.session.outsideThreat == nil
      } else { false }
    if isUnexplained || isCut { explain(client) }
    client.close(abruptly: abruptly)
    clients[client.session.uid] = nil
  }

  /// The model does not know why the server has ended the connection; its log does.
  private func explain(_ client: Client) {
    if client.session.isPoorReader {
      model.counts.poorReadersClosed += 1
    } else {
      model.counts.readersClosed += 1
      let session = client.session
      let isLoggedIn = session.loggedIn != nil
      let key = isLoggedIn ? "id=\(model.names.text(identity: session.identity))" : "peer=\(client.address)"
      let loginSent = isLoggedIn ? nil : client.firstWritten.map { Int(($0 - client.openedAt) / 1_000_000) }
      shared.add(UnexplainedEnd(key: key, loginSent: loginSent, report: describe(session)))
    }
  }
}
