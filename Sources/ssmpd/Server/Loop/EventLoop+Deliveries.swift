// Working off the loop's log.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// True when there is something to deliver.
  var hasDeliveries: Bool { outbox.hasWork || connections.waitsForLog }

  /// True when the log has to be taken: also when the slots of closed connections wait for it.
  private var mustTake: Bool { outbox.mustTake || connections.waitsForLog }

  /// Works off logs: all deliveries are staged, and each recipient is sent its output with one call. What is for a few is sent
  /// at once. What is for many is sent as far as there is time, and the rest in the next turns; since all output of a connection
  /// is sent in order, whatever comes later may come in between for others. So nobody waits until a message has reached the
  /// last of a hundred thousand.
  ///
  /// There is a bound on time, after which other connections get their turn.
  mutating func workOff() {
    let watch = Stopwatch()
    repeat {
      guard mustTake || !outbox.resuming.isEmpty else { break }
      takeLog()
      let isForMany = stageLog()
      flushUrgent()
      endEnding()
      // Of what is for a few everything has been sent or copied.
      if isForMany { outbox.logs.keepNewest(until: outbox.stage.end) } else { outbox.logs.newest.removeAll() }
      wakeOthers()
      resumeHeld()
      continueRosters()
    } while watch.microseconds < bounds.workTime
    flushOthers()
  }

  /// Takes over what the registry has put into this loop's log.
  private mutating func takeLog() {
    notePressure()
    connections.noteLog()
    // Two logs can hold something for many, and one more is being filled; this is for the case that there are others.
    if outbox.logs.isFull { finishOthers() }
    let isBusy = outbox.beginTake()
    note(hub.step(of: index) { $0.take(index, &outbox.logs.newest, isBusy: isBusy) }.outlook)
    upkeep.adoption.noteLog(isEmpty: outbox.logs.newest.count == 0)
  }

  /// Stages the log that was taken last. Returns true when some of it is sent when there is time.
  private mutating func stageLog() -> Bool {
    var few = bounds.urgentRecipients
    var isForMany = false
    for entry in 0..<outbox.logs.newest.count {
      let delivery = outbox.logs.newest[entry]
      switch delivery.kind {
      case .events, .replies:
        let count = Int(delivery.count)
        let isUrgent = count == 1 || count <= min(few, bounds.urgentRecipients / 2)
        if !isUrgent { isForMany = true } else if count > 1 { few -= count }
        deliver(delivery, isUrgent: isUrgent)
      case .close: beginEnding(delivery)
      case .resume: outbox.resuming.append(outbox.logs.newest.recipient(0, of: delivery))
      case .roster:
        let slot = outbox.logs.newest.recipient(0, of: delivery)
        connections[slot].flags.insert(.roster)
        outbox.continuing.append(slot)
      }
    }
    return isForMany
  }

  @inline(__always)
  private mutating func deliver(_ delivery: Delivery, isUrgent: Bool) {
    guard let address = outbox.logs.newest.address(of: delivery) else { return }
    for number in 0..<Int(delivery.count) {
      let slot = outbox.logs.newest.recipient(number, of: delivery)
      // Deliveries to a connection that has closed meanwhile are dropped; its slot is not another's before this log ends.
      guard connections[slot].state == .open || connections[slot].state == .ending else { continue }
      outbox.stage.add(address, Int(delivery.length), to: &connections[slot].staged, of: slot, isUrgent: isUrgent)
    }
  }

  /// Sends what is for many, until the turn's time for it is over.
  private mutating func flushOthers() {
    guard outbox.stage.hasOthers else { return }
    let watch = Stopwatch()
    var sent = 0
    while let slot = outbox.stage.takeOther() {
      flush(slot)
      sent += 1
      if sent & 15 == 0, watch.microseconds >= bounds.workTime { break }
    }
    endEnding()
    outbox.stage.recycle()
    outbox.logs.retire(before: outbox.stage.place)
  }

  /// Sends all that is for many.
  private mutating func finishOthers() {
    while let slot = outbox.stage.takeOther() { flush(slot) }
    outbox.stage.recycle()
    outbox.logs.retire(before: outbox.stage.place)
  }

  /// Goes on with the initial batches of presence of connections that have taken what they got.
  private mutating func continueRosters() {
    for number in 0..<outbox.continuing.count { continueRoster(outbox.continuing[number]) }
    outbox.continuing.removeAll(keepingCapacityUpTo: 1 << 12)
  }

  /// Goes on with connections that were held back, until they have filled this loop's log again: the others need not be
  /// looked at before that has been taken.
  private mutating func resumeHeld() {
    var number = 0
    while number < outbox.resuming.count, number == 0 || !outbox.hasMuch {
      resume(outbox.resuming[number])
      number += 1
    }
    outbox.resuming.removeFirst(number)
    if outbox.resuming.isEmpty { outbox.resuming.removeAll(keepingCapacityUpTo: 1 << 12) }
  }

  /// Goes on with what departures have left to be told, for as long as a turn has time for it.
  mutating func advanceDepartures() {
    guard outbox.hasDepartures else { return }
    let watch = Stopwatch()
    repeat {
      let step = hub.step(of: index) { $0.advanceDepartures(on: index) }
      note(step.outlook)
      // A loop that has to work off its log first goes on with it then.
      outbox.isObstructed = step.result == .obstructed
      guard step.result == .more, memory.pressure == .none else { return }
    } while watch.microseconds < Tuning.recheckTime
  }
}
