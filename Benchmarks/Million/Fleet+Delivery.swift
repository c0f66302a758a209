// Working off the log, as the daemon does it, up to the point where it would send.

import SSMPCore
import SSMPTransport

extension Fleet {
  /// Takes the log and works it off, until the registry has put nothing new into it.
  mutating func workOff() {
    repeat {
      takeLog()
      stageLog()
      flush()
      continueRosters()
    } while registry.staged(0) > 0
  }

  private mutating func takeLog() {
    for number in 0..<closedBefore.count { connections.remove(closedBefore[number]) }
    closedBefore.removeAll(keepingCapacityUpTo: 1 << 14)
    swap(&closed, &closedBefore)
    log.removeAll()
    registry.take(0, &log)
    _ = registry.takeWakes()
  }

  private mutating func stageLog() {
    for entry in 0..<log.count {
      let delivery = log[entry]
      switch delivery.kind {
      case .events, .replies: deliver(delivery)
      case .close, .resume: surprises += 1
      case .roster: continuing.append(log.recipient(0, of: delivery))
      }
    }
  }

  private mutating func deliver(_ delivery: Delivery) {
    let recipients = 0..<Int(delivery.count)
    guard let address = log.address(of: delivery) else { return }
    for number in recipients {
      let slot = log.recipient(number, of: delivery)
      guard connections[slot].isOpen else { continue }
      stage.add(address, Int(delivery.length), to: &connections[slot].staged, of: slot)
    }
    let bytes = Int(delivery.length) * recipients.count
    if delivery.kind == .events { eventBytes += bytes } else { replyBytes += bytes }
    if delivery.kind == .events, !witness.isEmpty { note(delivery, recipients) }
  }

  private mutating func note(_ delivery: Delivery, _ recipients: Range<Int>) {
    for number in recipients { witness[Int(log.recipient(number, of: delivery))] &+= 1 }
  }

  /// Where the daemon sends each recipient its output with one call.
  private mutating func flush() {
    for number in 0..<stage.urgentCount {
      let slot = stage.urgentSlot(number)
      if stage.gather(connections[slot].staged).isEmpty { surprises += 1 }
      stage.release(&connections[slot].staged)
    }
    stage.clearUrgent()
  }

  private mutating func continueRosters() {
    for number in 0..<continuing.count { registry.continueRosters(of: ClientID(loop: 0, slot: continuing[number])) }
    continuing.removeAll()
  }
}
