// Working off the loop's log.

import SSMPCore
import SSMPTransport

/// How far a log has been worked off.
struct LogPosition {
  /// The entry that is next.
  var entry = 0
  /// The recipients of that entry that have been served.
  var recipients = 0
}

extension EventLoop {
  /// True when there is something to deliver, in the log at hand or in the one to be taken.
  var hasDeliveries: Bool { position.entry < log.count || staged > 0 || !closed.isEmpty }

  /// Works off the log, slice by slice: deliveries are staged, and then each recipient is sent its output with one call.
  ///
  /// There is a bound, after which other connections get their turn; the order of deliveries is that of the log in any case.
  mutating func workOff() {
    for _ in 0..<16 {
      if position.entry == log.count, !takeLog() { return }
      deliverSlice()
      flushStaged()
      endEnding()
      resumeHeld()
      continueRosters()
    }
  }

  /// Takes over what the registry has put into this loop's log. False when there was nothing.
  private mutating func takeLog() -> Bool {
    // The log that has been worked off was the last one that could refer to these.
    for number in 0..<closedBefore.count { connections.remove(closedBefore[number]) }
    closedBefore.removeAll(keepingCapacityUpTo: 1 << 14)
    swap(&closed, &closedBefore)
    log.removeAll()
    position = LogPosition()
    note(hub.step(of: index) { $0.take(index, &log) }.outlook)
    // An empty one shows that nothing is left from before, as two others would.
    logsTaken += log.count == 0 ? 2 : 1
    return log.count > 0
  }

  /// Stages deliveries up to a number of recipients.
  private mutating func deliverSlice() {
    var budget = Tuning.sliceRecipients
    while budget > 0, position.entry < log.count {
      let delivery = log[position.entry]
      switch delivery.kind {
      case .events, .replies:
        let end = min(Int(delivery.count), position.recipients + budget)
        budget -= end - position.recipients
        deliver(delivery, position.recipients..<end)
        position.recipients = end
        if end < Int(delivery.count) { return }
      case .close: beginEnding(delivery)
      case .resume: resuming.append(log.recipient(0, of: delivery))
      case .roster:
        let slot = log.recipient(0, of: delivery)
        connections[slot].flags.insert(.roster)
        continuing.append(slot)
      }
      position.entry += 1
      position.recipients = 0
    }
  }

  @inline(__always)
  private mutating func deliver(_ delivery: Delivery, _ recipients: Range<Int>) {
    guard let address = log.address(of: delivery) else { return }
    for number in recipients {
      let slot = log.recipient(number, of: delivery)
      // Deliveries to a connection that has closed meanwhile are dropped; its slot is not another's before this log ends.
      guard connections[slot].state == .open || connections[slot].state == .ending else { continue }
      stage.add(address, Int(delivery.length), to: &connections[slot].staged, of: slot)
    }
  }

  /// Goes on with the initial batches of presence of those who have taken what they got.
  private mutating func continueRosters() {
    for number in 0..<continuing.count { continueRoster(continuing[number]) }
    continuing.removeAll(keepingCapacityUpTo: 1 << 12)
  }

  /// Goes on with connections that were held back.
  private mutating func resumeHeld() {
    for number in 0..<resuming.count { resume(resuming[number]) }
    resuming.removeAll(keepingCapacityUpTo: 1 << 12)
  }
}
