// The scenario `connect`.

import SSMPTransport

extension Worker {
  /// Begins as many connections as may be made at the same time, or as are due.
  mutating func openInTurns() {
    if phase == .setup {
      counts.ready = UInt64(peers.count)
      return
    }
    guard isSending else { return }
    var slot = 0
    while slot < peers.count, quota > 0, isDue {
      if peers[slot].state == .closed {
        begin(slot)
      }
      slot += 1
    }
  }

  private var isDue: Bool { interval == 0 || nextDue <= now }

  private mutating func begin(_ slot: Int) {
    let began = interval > 0 ? nextDue : now
    open(slot, began: began)
    guard phase != .done else { return }
    lateness.add(now - began)
    nextDue += interval
    quota -= 1
    counts.sent += 1
    counts.expected += 1
  }

  /// A connection has logged in; now it is closed.
  mutating func loggedIn(_ slot: Int) {
    let time = Clock.now()
    if peers[slot].began >= measuredFrom { latencies.add(time - peers[slot].began) }
    peers[slot].state = .closing
    peers[slot].awaited = 1
    write("CLOSE\n")
    flushOutput(to: slot)
  }

  /// A response to CLOSE.
  mutating func closeResponse(_ slot: Int, _ code: UInt16) {
    guard code == 200, peers[slot].awaited == 1 else { return fail(slot, "CLOSE was answered \(code)") }
    peers[slot].awaited = 0
  }

  /// The connection of the first login is over, which the run does not count. Its session is not resumed either: the
  /// first connections of a run are full handshakes.
  private mutating func endTrial(_ slot: Int) {
    if plan.options.resumes { sessions[slot] = nil }
    shared.noteLogin()
  }

  /// The server has closed a connection.
  mutating func ended(_ slot: Int) {
    guard peers[slot].state == .closing, peers[slot].awaited == 0 else {
      return failEnded(slot, "was closed by the server")
    }
    close(slot)
    if phase == .setup { return endTrial(slot) }
    counts.events += 1
    counts.delivered += 1
  }
}
