// What senders send, and when.

import SSMPCore
import SSMPTransport

extension Worker {
  /// The most messages of one sender in one go.
  private static let batch = 1024
  /// A connection that has so much unsent gets no more: what is due stays due.
  private static let backlogLimit = 1 << 20

  /// Sends what may be sent now.
  mutating func send() {
    guard isSending, plan.senders > 0 else {
      return candidates.removeAll()
    }
    if interval > 0 {
      clearCandidates()
      sendDue()
    } else {
      sendByWindow()
    }
  }

  private mutating func clearCandidates() {
    for index in 0..<candidates.count { senders[Int(candidates[index])].isCandidate = false }
    candidates.removeAll()
  }

  // By window.

  private mutating func sendByWindow() {
    let count = candidates.count
    for place in 0..<count {
      let index = Int(candidates[place])
      senders[index].isCandidate = false
      fill(index)
    }
    candidates.removeFirst(count)
  }

  /// Sends as much of a sender's window as is open, once a quarter of it is: batches are what makes messages cheap.
  private mutating func fill(_ index: Int) {
    let slot = Int(senders[index].slot)
    guard peers[slot].backlog.isEmpty, quota > 0 else { return }
    let window = plan.options.windowSize
    let open = openWindow(index)
    guard open >= max(1, window / 4) else { return }
    let number = Int(min(UInt64(min(open, Self.batch)), quota))
    if plan.scenario == .presence { return change(index, number) }
    for _ in 0..<number { compose(index, time: now) }
    flushOutput(to: slot)
    if open > number { become(candidate: index) }
  }

  /// The messages that a sender may send: limited by answers, and by deliveries, on average over recipients.
  private func openWindow(_ index: Int) -> Int {
    let sender = senders[index]
    let window = UInt64(plan.options.windowSize)
    let perMessage: UInt64 = plan.scenario == .presence ? 2 : 1
    let unanswered = (sender.requests - sender.answers) / perMessage
    let underway = (sender.expected - shared.deliveries(of: Int(sender.number))) / perMessage
    guard unanswered < window, underway < sender.deliveryWindow else { return 0 }
    let byDeliveries = (sender.deliveryWindow - underway) * window / sender.deliveryWindow
    return Int(min(window - unanswered, max(1, byDeliveries)))
  }

  // By rate.

  /// Sends all that is due, senders taking turns; each message says when it was due.
  private mutating func sendDue() {
    var sent = 0
    isHeld = false
    while nextDue <= now, quota > 0, sent < Self.batch {
      let index = turnOfSender
      let slot = Int(senders[index].slot)
      guard peers[slot].backlog.count < Self.backlogLimit else {
        isHeld = true
        return
      }
      lateness.add(now - nextDue)
      compose(index, time: nextDue)
      nextDue += interval
      sent += 1
      turnOfSender = index + 1 == senders.count ? 0 : index + 1
      // With one sender, one call for all that is due.
      if turnOfSender != index || nextDue > now || sent == Self.batch { flushOutput(to: slot) }
    }
    if !output.isEmpty { flushOutput(to: Int(senders[turnOfSender].slot)) }
  }

  // One message.

  /// Adds a message of a sender to the output.
  @inline(__always)
  private mutating func compose(_ index: Int, time: UInt64) {
    let sender = senders[index].number
    let chance = nextRandom()
    let verb = plan.verb(UInt8(truncatingIfNeeded: chance >> 56))
    let counter: UInt32
    let template: Int
    switch verb {
    case .ucast:
      let behind = Int((chance & 0xffff_ffff) &* UInt64(plan.reach) >> 32)
      let place = index * plan.reach + behind
      counter = unicasts[place]
      unicasts[place] = counter &+ 1
      template = (Int(sender) + 1 + behind) % plan.connections
    case .bcast:
      counter = senders[index].broadcasts
      senders[index].broadcasts = counter &+ 1
      template = templates.broadcast
    default:
      counter = senders[index].multicasts
      senders[index].multicasts = counter &+ 1
      template = templates.topics + Int(sender) % plan.topics
    }
    templates.write(template, to: &output, sender: sender, counter: counter, time: time &- shared.origin)
    count(index, recipients: plan.recipients(verb, of: Int(sender)))
    if plan.scenario == .mixed, senders[index].requests & 127 == 127 { toggleSubscription(index) }
  }

  @inline(__always)
  private mutating func count(_ index: Int, recipients: Int) {
    senders[index].requests += 1
    senders[index].expected += UInt64(recipients)
    counts.requests += 1
    counts.sent += 1
    counts.expected += UInt64(recipients)
    quota -= 1
  }

  /// In `mixed`, now and then: subscribes to a topic of its own, or leaves it.
  private mutating func toggleSubscription(_ index: Int) {
    let isLeaving = senders[index].hasSubscribed
    write("\(isLeaving ? "UNSUBSCRIBE" : "SUBSCRIBE") \(plan.options.user)/own/\(senders[index].number)\n")
    senders[index].hasSubscribed = !isLeaving
    senders[index].requests += 1
    counts.requests += 1
  }

  @inline(__always)
  private mutating func nextRandom() -> UInt64 {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return random
  }
}
