// Session tickets, sent when there is time for it.

import SSMPTransport

extension EventLoop {
  /// Remembers a connection whose handshake is over and whose ticket can wait.
  mutating func awaitTicket(_ slot: UInt32) {
    ticketless.append(token(of: slot))
  }

  /// Sends tickets after the handshakes of a turn.
  ///
  /// A handshake that came alone is followed by its ticket at once. When many come together, after a restart say, those who
  /// wait to get in come first; what is kept for tickets meanwhile is bounded.
  mutating func sendTicketsOfTurn(handshakes: Int) {
    if handshakes == 1, shaking.count == 0 {
      sendTickets()
    } else if ticketless.count > Tuning.waitingTickets {
      sendTickets(count: ticketless.count - Tuning.waitingTickets)
    }
  }

  /// Sends the tickets that wait, as far as one turn may take for it: there is nothing else to do.
  mutating func sendTickets(count: Int = .max) {
    guard ticketless.count > 0 else { return }
    let watch = Stopwatch()
    var number = 0
    while number < min(count, ticketless.count), number == 0 || watch.microseconds < Tuning.handshakeTime {
      let token = ticketless[number]
      number += 1
      // It may have been closed since, and the slot may be another's.
      let slot = UInt32(truncatingIfNeeded: token)
      guard self.token(of: slot) == token, connections[slot].state == .open else { continue }
      connections[slot].tls?.sendTicket()
      // To send it OpenSSL takes a buffer for reading, too, which only a read that finds nothing gives back.
      connections[slot].flags.insert(.readable)
      enqueue(slot)
    }
    counters.measures.handshakeWork += watch.nanoseconds
    ticketless.removeFirst(number)
  }
}
