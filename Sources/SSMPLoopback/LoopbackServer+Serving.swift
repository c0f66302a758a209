// What the event loop of a server does: serving requests, and working off the log.

import SSMPCore

extension LoopbackServer {
  /// Serves what a connection has sent, as far as it goes.
  mutating func serveInput(of connection: LoopbackConnection) {
    guard let client = connection.client, !connection.isOver else { return }
    let input = connection.input
    connection.input = []
    let bytes = unsafe input.span.bytes
    var place = 0
    serving: while true {
      batch.parse(bytes, from: place, framing: &connection.session.framing)
      presentCertificate(of: connection, bytes)
      switch registry.serve(batch, bytes, from: client, session: &connection.session) {
      case .done:
        place = batch.end
        if batch.stop != .full { break serving }
      case .held(let start):
        place = start
        connection.isHeld = true
        break serving
      case .yielded(let start):
        place = start
        ready.append(connection)
        break serving
      case .ended: return
      }
    }
    connection.input = place == 0 ? input : Array(input[place...])
  }

  /// A LOGIN by `cert` comes with a certificate of the identifier that it names.
  private mutating func presentCertificate(of connection: LoopbackConnection, _ bytes: RawSpan) {
    guard connection.session.phase == .awaitingLogin, schemes.offers(.cert), batch.count > 0, batch[0].verb == .login
    else { return }
    let id = batch[0].id.map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    connection.session.present(CertificateNames(commonNames: [id], alternativeNames: []), for: batch, bytes)
  }

  /// Does all that follows from a job, until nothing is left, and gives it to the connections.
  mutating func settle() {
    var isBusy = true
    while isBusy {
      isBusy = false
      while registry.staged(0) > 0 || !leaving.isEmpty { workOff() }
      if registry.outlook(of: 0).hasDepartures {
        _ = registry.advanceDepartures(on: 0)
        isBusy = true
      }
      for connection in Self.take(&owedRosters) {
        guard let client = connection.client, !connection.isOver else { continue }
        registry.continueRosters(of: client)
        isBusy = true
      }
      for connection in Self.take(&ready) {
        serveInput(of: connection)
        isBusy = true
      }
    }
    flush()
  }

  /// Takes the log and works it off; after that nothing can come for the slots that were left
  /// before.
  private mutating func workOff() {
    let left = leaving
    leaving = []
    log.removeAll()
    registry.take(0, &log)
    for index in 0..<log.count {
      let delivery = log[index]
      for place in 0..<Int(delivery.count) {
        guard let connection = occupants[Int(log.recipient(place, of: delivery))] else { continue }
        deliver(delivery, to: connection)
      }
    }
    for slot in left { occupants[Int(slot)] = nil }
    free += left
  }

  private mutating func deliver(_ delivery: Delivery, to connection: LoopbackConnection) {
    guard !connection.isOver else { return }
    switch delivery.kind {
    case .events, .replies:
      let bytes = unsafe UnsafeRawBufferPointer(start: log.address(of: delivery), count: Int(delivery.length))
      unsafe connection.output.append(contentsOf: bytes)
      touch(connection)
    case .close: end(connection)
    case .resume:
      guard connection.isHeld else { return }
      connection.isHeld = false
      ready.append(connection)
    case .roster: owedRosters.append(connection)
    }
  }

  private static func take(_ connections: inout [LoopbackConnection]) -> [LoopbackConnection] {
    defer { connections = [] }
    return connections
  }
}
