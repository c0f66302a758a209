// One event loop: its state, and what a turn consists of.

import Containers
import SSMPCore
import SSMPTransport

/// An event loop: one thread, with a poller, connections, buffers and deadlines that no other thread touches.
///
/// Each turn waits, reads every ready connection once, works off the loop's log, and sends to each connection that has
/// output with one call. The steps have their own files: `+Arrivals`, `+Handshakes`, `+Input`, `+Deliveries`, `+Output`,
/// `+Closing`, `+Deadlines`, `+Drain`; and so has what happens more rarely.
struct EventLoop: ~Copyable {
  /// Tokens that are not connections.
  enum Token {
    static let wakeup: UInt64 = .max
    static let signals: UInt64 = .max - 1
    static let listeners: UInt64 = .max - 1024
  }

  let index: Int
  let hub: Hub
  let poller: Poller
  /// Signals and listeners are the first loop's.
  let signals: SignalSource?
  var acceptor: Acceptor
  /// Those in force on this loop; `SettingsAdoption` says when it adopts others.
  var settings: Settings

  var clock = LoopClock()
  var connections = ConnectionTable()
  var deadlines = Deadlines()
  var intake = Intake()
  var tls: LoopTLS
  var outbox = Outbox()
  var memory = LoopMemory()
  var counters = Counters()
  var notices = LoopNotices()
  var taps = Taps()
  var upkeep = LoopUpkeep()
  var drain = Drain()

  /// How much a turn does of each kind of work.
  var bounds: WorkBounds { WorkBounds.inUse }
  /// The time as deadlines see it.
  var now: Ticks { clock.now }

  /// A loop that serves the connections it is given; the first one also has the signals and the listeners.
  static func make(
    index: Int, hub: Hub, signals: SignalSource?, listeners: [Acceptor.Listener]
  ) throws(SystemError) -> EventLoop {
    let poller = try Poller()
    try poller.addLevelTriggered(hub.wakeups[index].descriptor, token: Token.wakeup)
    if let signals { try poller.addLevelTriggered(signals.descriptor, token: Token.signals) }
    for (number, listener) in listeners.enumerated() {
      try poller.add(listener.socket.descriptor, token: Token.listeners + UInt64(number))
    }
    return EventLoop(
      index: index, hub: hub, poller: poller, signals: signals, acceptor: Acceptor(listeners, hub: hub))
  }

  private init(index: Int, hub: Hub, poller: consuming Poller, signals: SignalSource?, acceptor: consuming Acceptor) {
    self.index = index
    self.hub = hub
    self.poller = poller
    self.signals = signals
    self.acceptor = acceptor
    settings = hub.publishedSettings().settings
    tls = LoopTLS(hub.tls?.context(of: index))
  }

  /// Runs until the server has gone down.
  mutating func run() {
    Poller.waitExactly()
    while drain.phase != .ended { turn() }
    writeOwedLines(isEnd: true)
    hub.service?.rollCall.retire(loop: index)
  }

  private mutating func turn() {
    counters.turns += 1
    let rest = hasDeliveries || !tls.handshakes.isEmpty || !intake.yielded.isEmpty ? 0 : clock.rest
    if rest > 0 { Poller.rest(nanoseconds: rest) }
    let limit = waitingTime()
    let count = poller.wait(milliseconds: limit)
    clock.beginWork(waited: limit)
    notePressure()
    collect(count)
    // What comes in meanwhile goes out by the same calls: polling again is cheaper than flushing twice.
    for _ in 0..<Tuning.pollPasses {
      let hadWork = !intake.readable.isEmpty
      let hasFlushed = readQueued()
      // A turn that has had to flush already is long enough: deadlines and new connections wait for its end.
      guard hadWork, !outbox.hasMuch, !hasFlushed else { break }
      let count = poller.wait(milliseconds: 0)
      if count == 0 { break }
      collect(count)
    }
    continueYielded()
    shakeHands()
    adoptReload()
    adoptArrivals()
    advanceDepartures()
    wakeOthers()
    workOff()
    adoptSettings()
    expireDeadlines()
    doChores()
    limitTotalPending()
    answerQueries()
    advanceDrain()
    wakeOthers()
    answerRollCall()
    noteMemory()
    counters.measures.turns.observe(nanoseconds: clock.endWork())
  }

  /// How long nothing needs to be done unless something happens; `nil` for ever.
  @inline(__always)
  private func waitingTime() -> UInt32? {
    if !intake.readable.isEmpty || !tls.handshakes.isEmpty || hasDeliveries { return 0 }
    if !intake.yielded.isEmpty || outbox.hasDepartures && !outbox.isObstructed {
      return memory.pressure == .none ? 0 : 1
    }
    if tls.nextReview != nil || upkeep.adoption.isWaiting || upkeep.isRechecking { return 0 }
    var least = deadlines.remaining(settings, now: now) ?? .max
    if let time = acceptor.remaining(now: now) { least = min(least, time) }
    if let time = drainRemaining() { least = min(least, time) }
    if let time = expiryRemaining() { least = min(least, time) }
    if let time = upkeep.chores.remaining(now: now) { least = min(least, time) }
    return least == .max ? nil : least
  }

  /// Notes what the last wait has brought.
  private mutating func collect(_ count: Int) {
    readClock()
    for number in 0..<count {
      let event = poller.event(number)
      switch event.token {
      case Token.wakeup:
        hub.wakeups[index].clear()
        outbox.noteWake()
      case Token.signals: handleSignals()
      case Token.listeners...: acceptor.becomeReady(Int(event.token - Token.listeners))
      default: note(event)
      }
    }
  }

  /// Runs one step of the registry on behalf of a client, and notes what it leaves to do.
  mutating func perform(_ slot: UInt32, _ body: (inout Registry, ClientID) -> Void) {
    let client = client(slot)
    note(hub.step(of: index) { body(&$0, client) }.outlook)
  }

  /// Remembers which loops a step of the registry wakes, and what it has left in this loop's own
  /// log.
  @inline(__always)
  mutating func note(_ outlook: Outlook) {
    outbox.note(outlook)
    if outlook.subscriptionsRefused != notices.refusals.overLimit {
      notices.refusals.overLimit = outlook.subscriptionsRefused
      noteRefusals(.subscriptionLimit)
    }
    if outlook.accessRefused != notices.refusals.byAccess {
      notices.refusals.byAccess = outlook.accessRefused
      noteRefusals(.access)
    }
  }

  mutating func wakeOthers() {
    if outbox.wakes != 0 { hub.wake(outbox.takeWakes()) }
  }

  /// Reads the clock. That the loop comes late is logged: whatever the cause, its clients had to wait for so long.
  mutating func readClock() {
    guard let late = clock.read() else { return }
    guard let count = notices.lateTurns.occur(now: .now()) else { return oweLines() }
    hub.log.write(.warning, "late loop=\(index) ms=\(late) count=\(count)")
  }

  func client(_ slot: UInt32) -> ClientID { ClientID(loop: index, slot: slot) }
}
