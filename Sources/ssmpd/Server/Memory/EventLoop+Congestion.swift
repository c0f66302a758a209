// Connections that do not take what they are sent as fast as it comes.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// A connection's pending output is over the soft mark: senders wait for it, for as long as it has patience to ask for.
  mutating func becomeCongested(_ slot: UInt32) {
    let left = connections[slot].recipientPatience.left(now: now, recovery: settings.recipientRecovery)
    guard left >= Int(settings.holdTime) else { return becomeSlow(slot) }
    connections[slot].flags.insert(.congested)
    deadlines.congestion.set(slot, Deadlines.hold, since: now)
    perform(slot) { $0.setCongestion($1, .waitedFor) }
  }

  /// A connection has not drained in time: senders with other recipients do not wait for it any more.
  mutating func becomeSlow(_ slot: UInt32) {
    forgetCongestion(slot)
    connections[slot].flags.insert(.slow)
    deadlines.congestion.set(slot, Deadlines.drain, since: now)
    perform(slot) { $0.setCongestion($1, .slow) }
    counters.slowReaders += 1
    guard let count = notices.slowReaders.occur(now: now) else { return oweLines() }
    hub.log.write(
      .info,
      "slow id=\(identifier(slot)) peer=\(peer(slot)) pending=\(connections[slot].backlog.count) count=\(count)")
  }

  /// A slow connection has not drained for seconds: senders do not keep its pace, and if memory becomes short it is closed.
  mutating func becomeStuck(_ slot: UInt32) {
    deadlines.congestion.clear(slot)
    connections[slot].flags.insert(.stuck)
    memory.stuck += 1
    perform(slot) { $0.setCongestion($1, .stuck) }
  }

  /// A connection's pending output is below the low mark.
  mutating func becomeDrained(_ slot: UInt32) {
    let flags = connections[slot].flags
    if !flags.isDisjoint(with: [.congested, .slow]) {
      forgetCongestion(slot)
      perform(slot) { $0.setCongestion($1, .none) }
    }
    continueRoster(slot)
    switch connections[slot].state {
    case .open:
      if flags.contains(.resumeDrained) {
        connections[slot].flags.remove(.resumeDrained)
        resume(slot)
      }
      if flags.contains(.readable) { enqueue(slot) }
    case .ending: if connections[slot].backlog.isEmpty { shutOutput(slot) }
    case .lingering, .closed: break
    }
  }

  /// The connection is not congested any more, or is over. What it has held senders for counts.
  mutating func forgetCongestion(_ slot: UInt32) {
    let flags = connections[slot].flags
    if flags.contains(.stuck) { memory.stuck -= 1 }
    connections[slot].flags.remove([.congested, .slow, .stuck])
    let since = deadlines.congestion.beginning(of: slot) ?? now
    deadlines.congestion.clear(slot)
    guard flags.contains(.congested) else { return }
    connections[slot].recipientPatience.spend(now.since(since), now: now, recovery: settings.recipientRecovery)
  }
}
