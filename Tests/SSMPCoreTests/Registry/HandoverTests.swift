// The hand-over of a log to its loop, in every interleaving.

import Testing

@testable import SSMPCore

@Suite("Hand-over between loops")
struct HandoverTests {
  @Test("However the steps interleave, a loop never sleeps while its log holds something", arguments: 1...3, 0...2)
  func exhaustive(budget: Int, waiting: Int) {
    for appends in [[3], [2, 2], [1, 1, 1]] {
      let result = explore(HandoverState(rule: .duty, budget: budget, appends: appends, own: 1, waiting: waiting))
      #expect(result.lost == nil, "\(result.lost ?? [])")
      #expect(result.states > 100)
    }
  }

  @Test("The search finds the wake-up that is lost where a loop goes by what it noted last")
  func findsTheFault() {
    let result = explore(HandoverState(rule: .lastNoted, budget: 1, appends: [3], own: 1, waiting: 0))
    #expect(result.lost?.last == "sleep")
  }

  /// Plays all interleavings; returns the steps that lead to a loop that sleeps for ever, if there are such.
  private func explore(_ start: HandoverState) -> (states: Int, lost: [String]?) {
    var seen: Set<HandoverState> = [start]
    var open: [(HandoverState, [String])] = [(start, [])]
    while let (state, path) = open.popLast() {
      let next = state.successors
      if next.isEmpty, state.holdsSomething { return (seen.count, path) }
      for (step, state) in next where seen.insert(state).inserted { open.append((state, path + [step])) }
    }
    return (seen.count, nil)
  }
}

/// Other threads that add to a loop's log, and the loop, each between two of its atomic steps.
private struct HandoverState: Hashable {
  enum Rule {
    /// That of the code under test.
    case duty
    /// What the last step of the registry left in the log decides alone.
    case lastNoted
  }

  enum Place {
    case waiting, collecting, requesting, working
  }

  /// What one other loop does: it adds under the lock, and wakes by the eventfd after it.
  struct Appender: Hashable {
    var left: Int
    var owesWake = false
  }

  let rule: Rule
  /// The pieces of work of one turn.
  let budget: Int
  var appenders: [Appender]
  /// Requests of the loop's own clients, which put something into its own log.
  var own: Int
  /// Senders that go on when the log is taken.
  var waiting: Int

  var log = 0
  var signal = WakeSignal()
  var eventfd = false
  var duty = TakeDuty()
  var noted = 0
  var inHand = 0
  var place = Place.waiting
  var done = 0

  init(rule: Rule, budget: Int, appends: [Int], own: Int, waiting: Int) {
    self.rule = rule
    self.budget = budget
    appenders = appends.map { Appender(left: $0) }
    self.own = own
    self.waiting = waiting
  }

  var holdsSomething: Bool { log > 0 || inHand > 0 }

  private var mustTake: Bool { rule == .duty ? duty.isDue : noted > 0 }

  /// All that can happen next.
  var successors: [(String, HandoverState)] {
    appenders.indices.compactMap { append($0) } + ownSteps
  }

  private func append(_ number: Int) -> (String, HandoverState)? {
    var next = self
    if appenders[number].owesWake {
      next.eventfd = true
      next.appenders[number].owesWake = false
      return ("wake", next)
    }
    guard appenders[number].left > 0 else { return nil }
    next.appenders[number].left -= 1
    next.log += 1
    next.appenders[number].owesWake = next.signal.added(byOwner: false)
    return ("append", next)
  }

  private var ownSteps: [(String, HandoverState)] {
    var next = self
    switch place {
    case .waiting:
      // Asleep, unless there is something to do or the eventfd is readable.
      guard eventfd || mustTake || inHand > 0 else { return [] }
      next.place = .collecting
      return [("wait", next)]
    case .collecting:
      if next.eventfd {
        next.eventfd = false
        next.duty.woken()
      }
      next.place = .requesting
      return [("clear", next)]
    case .requesting:
      next.place = .working
      next.done = 0
      guard own > 0 else { return [("read", next)] }
      var serving = next
      serving.own -= 1
      serving.log += 1
      _ = serving.signal.added(byOwner: true)
      serving.note()
      return [("read", next), ("serve", serving)]
    case .working:
      guard done < budget, inHand > 0 || mustTake || rule == .lastNoted else {
        next.place = .waiting
        return [("sleep", next)]
      }
      next.done += 1
      if inHand > 0 {
        next.inHand -= 1
        return [("deliver", next)]
      }
      next.take()
      if next.inHand == 0, rule == .lastNoted { next.place = .waiting }
      return [("take", next)]
    }
  }

  private mutating func take() {
    inHand = log
    log = 0
    signal.taken()
    duty.taken()
    if waiting > 0 {
      waiting -= 1
      log += 1
      _ = signal.added(byOwner: true)
    }
    note()
  }

  /// What a step of the registry tells the loop about its own log.
  private mutating func note() {
    noted = log
    duty.noted(isEmpty: log == 0)
  }
}
