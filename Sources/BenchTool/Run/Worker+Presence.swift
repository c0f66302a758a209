// The scenario `presence`.

import SSMPCore
import SSMPTransport

extension Worker {
  /// Has a churner leave and join the topic this often. Changes are numbered: leaving has even numbers.
  mutating func change(_ index: Int, _ times: Int) {
    let sender = Int(senders[index].number)
    let ring = Shared.ring(plan)
    let recipients = UInt64(plan.recipients(.subscribe, of: sender))
    for _ in 0..<times {
      write(templates.leave)
      write(templates.join)
      for offset in 0..<2 {
        let number = Int(truncatingIfNeeded: senders[index].requests) + offset
        shared.setChangeTime(sender * ring + number % ring, now)
      }
      senders[index].requests += 2
      senders[index].expected += 2 * recipients
      counts.requests += 2
      counts.sent += 2
      counts.expected += 2 * recipients
      quota -= 1
    }
    flushOutput(to: Int(senders[index].slot))
  }

  /// Checks and measures what a watcher is told.
  mutating func notePresence(_ slot: Int, _ message: Message, _ base: UnsafeRawPointer) {
    counts.events += 1
    // Churners miss what happens while they are away; only those who stay know what has to come.
    guard connection(slot) >= plan.senders, let sender = self.sender(message.from, base) else { return }
    let place = slot * plan.lanes + sender
    let next = tracks[place].next
    let isLeaving = message.verb == .unsubscribe
    // Before a churner leaves for the first time it is announced once.
    if next == 0, !isLeaving { return }
    guard isLeaving == (next % 2 == 0) else {
      counts.reordered += 1
      return
    }
    _ = tracks[place].note(next)
    let ring = Shared.ring(plan)
    let time = shared.changeTime(sender * ring + Int(next) % ring)
    if time >= measuredFrom, now >= time { latencies.add(now - time) }
    credit(sender)
  }

  /// The churner whose name stands there; `nil` when it is none's.
  private func sender(_ name: Range<Int>, _ base: UnsafeRawPointer) -> Int? {
    // Others may be there, under any name.
    let name = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(start: base, count: name.upperBound)[name])
    let prefix = plan.options.user.utf8
    guard name.count > prefix.count + 1, name.count <= prefix.count + 10 else { return nil }
    guard name.starts(with: prefix), name[prefix.count] == UInt8(ascii: "/") else { return nil }
    var value = 0
    for byte in name[(prefix.count + 1)...] {
      guard (48...57).contains(byte) else { return nil }
      value = value * 10 + Int(byte) - 48
    }
    return value < plan.senders ? value : nil
  }
}
