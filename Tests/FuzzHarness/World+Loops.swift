// Taking logs and working them off.

import SSMPCore

/// What one event loop owns.
final class Loop {
  /// The log that was taken last, and how much of it has been worked off.
  var log = DeliveryLog()
  var place = 0
  /// Whether the loop must look at its log: it would sleep otherwise.
  var duty = TakeDuty()
  /// The connection in each slot.
  var occupants: [Int?] = []
  var free: [UInt32] = []
  /// Slots that were left since the last log was taken, and those left before: they are free when that log is done.
  var leaving: [UInt32] = []
  var leftBefore: [UInt32] = []

  /// True when there is something to deliver, or slots wait for the next log.
  var mustTake: Bool { duty.isDue || !leaving.isEmpty }

  func occupy(by number: Int) -> UInt32 {
    if let slot = free.popLast() {
      occupants[Int(slot)] = number
      return slot
    }
    occupants.append(number)
    return UInt32(occupants.count - 1)
  }
}

extension World {
  /// Lets a loop take its log, if it has reason to look at it and has worked off the one before.
  public func take(_ index: Int) {
    let loop = loops[index]
    guard loop.mustTake, loop.place == loop.log.count else { return }
    loop.log.removeAll()
    loop.place = 0
    loop.duty.taken()
    registry.take(index, &loop.log)
    // Whoever is resumed on this very loop is in its new log: it looks again before it sleeps.
    acted(index)
    loop.leftBefore = loop.leaving
    loop.leaving = []
    if loop.log.count == 0 { freeSlots(of: loop) }
  }

  /// Lets a loop work off at most `limit` entries of the log it has taken.
  public func work(_ index: Int, atMost limit: Int = .max) throws {
    let loop = loops[index]
    var done = 0
    while loop.place < loop.log.count, done < limit {
      let delivery = loop.log[loop.place]
      for recipient in 0..<Int(delivery.count) {
        guard let number = loop.occupants[Int(loop.log.recipient(recipient, of: delivery))] else {
          // Who waited may have left since; nothing else may come late.
          try check(delivery.kind == .resume, "\(delivery.kind) for a slot that nobody has")
          continue
        }
        try deliver(delivery, of: loop, to: number)
      }
      loop.place += 1
      done += 1
    }
    if loop.place == loop.log.count { freeSlots(of: loop) }
  }

  /// Takes and works off all logs, and completes all initial batches, until nothing is left to do. Whoever waits for a
  /// congested recipient goes on waiting.
  public func settle() throws {
    var isBusy = true
    while isBusy {
      isBusy = false
      for index in loops.indices {
        try work(index)
        guard loops[index].mustTake else { continue }
        take(index)
        try work(index)
        isBusy = true
      }
      for index in loops.indices where advanceDepartures(on: index) || loops[index].duty.isDue { isBusy = true }
      for number in connections.indices where connections[number].owesRoster {
        continueRosters(number)
        isBusy = true
      }
    }
    for index in loops.indices {
      try check(registry.staged(index) == 0, "loop \(index) sleeps although its log is not empty")
    }
  }

  private func freeSlots(of loop: Loop) {
    for slot in loop.leftBefore { loop.occupants[Int(slot)] = nil }
    loop.free += loop.leftBefore
    loop.leftBefore = []
  }

  private func deliver(_ delivery: Delivery, of loop: Loop, to number: Int) throws {
    guard !connections[number].hungUp else { return }
    // A waiter may have been closed before what it waited for came.
    guard connections[number].closed == nil || delivery.kind == .resume else {
      throw FuzzFailure("connection \(number) was closed, and then something was delivered to it: \(delivery.kind)")
    }
    switch delivery.kind {
    case .events, .replies:
      let bytes = loop.log.address(of: delivery)
      connections[number].received += UnsafeRawBufferPointer(start: bytes, count: Int(delivery.length))
    case .close:
      connections[number].closed = delivery.reason
      connections[number].isHeld = false
      release(connections[number].client)
    case .resume:
      guard connections[number].isHeld, !connections[number].isOver else { return }
      connections[number].isHeld = false
      _ = serve(number)
    case .roster:
      connections[number].owesRoster = true
    }
  }
}
