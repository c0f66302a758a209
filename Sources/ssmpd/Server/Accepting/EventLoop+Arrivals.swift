// New connections.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Accepts connections, and takes over those that the acceptor has sent here.
  mutating func adoptArrivals() {
    for arrival in acceptor.accept(now: now, settings, counters: &counters) { adopt(arrival) }
    outbox.wakes |= acceptor.takeWakes()
    if acceptor.isOwing { oweLines() }
    for arrival in hub.takeArrivals(for: index) { adopt(arrival) }
  }

  private mutating func adopt(_ arrival: Arrival) {
    guard drain.phase == .running else { return refuse(arrival, .shutdown) }
    var connection = Connection()
    connection.descriptor = arrival.socket.descriptor
    connection.session = Session(schemes: arrival.schemes, strict: settings.strict)
    connection.state = .open
    if arrival.isTLS { connection.flags = .handshaking }
    connection.address = arrival.address
    connection.port = arrival.socket.port
    connection.opened = Ticks.seconds()
    connection.recipientPatience = Patience(now: now)
    connection.senderPatience = Patience(now: now)
    connection.rate = .full(settings.maxRate, now: now)
    let slot = connections.insert(connection)
    counters.measures.move(from: nil, to: connection.stage)
    do throws(SystemError) {
      try poller.add(connection.descriptor, token: connections.token(of: slot))
    } catch {
      if let count = notices.pollerFailures.occur(now: now) {
        hub.log.write(.error, "accept failed because=\("\(error)".quoted) count=\(count)")
      } else {
        oweLines()
      }
      counters.measures.move(from: connection.stage, to: nil)
      connections.remove(slot)
      return refuse(arrival, .descriptorLimit)
    }
    // One absolute deadline for everything before the login; a short one for a connection in the
    // reserve.
    deadlines.liveness.set(slot, hub.admissions.isCrowded ? Deadlines.reserve : Deadlines.login, since: now)
    hub.log.write(.debug, "accept peer=\(peer(slot))")
  }

  private mutating func refuse(_ arrival: Arrival, _ reason: CloseReason) {
    counters[reason] += 1
    // What it has sent already would make the kernel reset it.
    Socket.endOutput(arrival.socket.descriptor)
    _ = Socket.discard(arrival.socket.descriptor, upTo: InputBuffer.readSize)
    Socket.close(arrival.socket.descriptor)
    hub.admissions.release(arrival.address, isWaiting: true)
  }
}
