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
  /// Those in force on this loop; `EventLoop+Settings` says when it adopts others.
  var settings: Settings
  let poller: Poller
  /// Signals and listeners are the first loop's.
  let signals: SignalSource?
  var acceptor: Acceptor

  /// How much a turn does of each kind of work.
  let bounds = WorkBounds.inUse

  var now = Ticks.now()
  /// The time in which the loop should have run and did not, which counts for nobody.
  var lateness = Lateness()
  var connections = Slab<Connection>(filler: Connection())
  var nextGeneration: UInt32 = 0
  var counters = Counters()
  var deadlines = Deadlines()

  var input = InputBuffer()
  var batch = RequestBatch()
  /// Connections to be read from in this turn or the next.
  var queue = FlatArray<UInt32>()
  /// Those of the turn before, being worked through.
  var reading = FlatArray<UInt32>()

  /// Connections whose handshakes have something to go on with.
  var shaking = FlatArray<UInt64>()
  /// What new TLS connections are made with, and which replacement of it this is.
  var context: TLSContext?
  var tlsGeneration = 0
  /// The next connection whose certificate is to be looked at again; `nil` when all have been.
  var nextVerified: UInt32?
  var expiryLogged = Ticks.now()
  /// Which publication of the settings was noticed last.
  var settingsGeneration = 0
  /// How often the log has been taken; and how often it must have been before those settings are adopted.
  var logsTaken: UInt64 = 0
  var settingsDue: UInt64?
  /// The state of a small generator of numbers that look random.
  var jitter = UInt32.random(in: 0 ... .max)
  var pollerFailures = RepeatedMessage()
  var pauses = RepeatedMessage()
  var slowReaders = RepeatedMessage()
  /// How near all connections together are to `--max-total-pending`.
  var pressure = Pressure.none
  var pressureWatch = PressureWatch()
  var lateTurns = RepeatedMessage()
  var connectionLimit = RepeatedMessage()
  /// For closes that are warnings, which a peer can bring about again and again.
  var closeWarnings = LineBudget()

  /// Measures turns, and the time between them.
  private var watch = Stopwatch()
  private var pacing = Pacing()
  /// The connections without TLS that this turn has sent to. Where each byte is encrypted, the calls are not what costs.
  var sends = 0

  /// The logs that are being worked off.
  var logs = LiveLogs()
  /// Whether the registry's log of this loop has to be taken before the loop may sleep.
  var duty = TakeDuty()
  /// True when the registry knows that this loop still sends what a log before had for many.
  var isKnownBusy = false
  /// True when the log holds so much that it is sent before more is read: memory stays small, and buffers stay in the cache.
  var hasMuch = false
  /// True when that has happened in this turn.
  var hasFlushed = false
  /// True when departures have to go on; and when another loop has to work off its log before they can.
  var hasDepartures = false
  var isObstructed = false
  /// Connections that go on in the next turn, when others have had theirs.
  var yielded = FlatArray<UInt64>()
  /// Those of them that this turn goes on with.
  var continued = FlatArray<UInt64>()
  var stage = OutputStage()
  /// Connections that end after this slice.
  var ending = FlatArray<UInt32>()
  /// Connections to go on with after this slice.
  var resuming = FlatArray<UInt32>()
  /// Connections whose initial batch of presence has more.
  var continuing = FlatArray<UInt32>()
  /// Closed slots: those that the next log may still refer to, and those that only the present one may.
  var closed = FlatArray<UInt32>()
  var closedBefore = FlatArray<UInt32>()

  /// Loops to be woken.
  var wakes: UInt64 = 0
  var drain = DrainPhase.running
  /// Those who leave one after the other when the server goes down, and how many of them have.
  var leaving = FlatArray<UInt32>()
  var left = 0
  /// The roll call that this loop has answered.
  var answeredCall = 0
  /// Requests that were refused, as far as they have been noticed.
  var refusedSubscriptions: UInt64 = 0
  var refusedByAccess: UInt64 = 0
  var refusalLines = RefusalLines()
  /// What is wrong with the last requests of connections that end for it.
  var faults: [UInt32: RequestFault] = [:]
  var chores = Chores()
  var memory = MemoryWatch()
  /// True on the first loop while those who are there are looked at again, after a reload of the access rules.
  var isRechecking = false
  var publishedPending = 0
  /// The connections that are stuck.
  var stuckConnections = 0
  var taps = Taps()

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
    context = hub.tls?.context(of: index)
  }

  /// Runs until the server has gone down.
  mutating func run() {
    Poller.waitExactly()
    while drain != .ended { turn() }
    writeOwedLines(isEnd: true)
    hub.service?.rollCall.retire(loop: index)
  }

  private mutating func turn() {
    counters.turns += 1
    let rest = hasDeliveries || !shaking.isEmpty || !yielded.isEmpty ? 0 : pacing.rest
    if rest > 0 { Poller.rest(nanoseconds: rest) }
    let limit = waitingTime()
    let count = poller.wait(milliseconds: limit)
    lateness.noteWait(limit)
    let idle = watch.lap()
    sends = 0
    notePressure()
    collect(count)
    // What comes in meanwhile goes out by the same calls: polling again is cheaper than flushing twice.
    hasFlushed = false
    for _ in 0..<Tuning.pollPasses {
      let hadWork = !queue.isEmpty
      readQueued()
      // A turn that has had to flush already is long enough: deadlines and new connections wait for its end.
      guard hadWork, !hasMuch, !hasFlushed else { break }
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
    let busy = watch.lap()
    counters.measures.turns.observe(nanoseconds: busy)
    pacing.noteTurn(idle: idle, busy: busy, sends: sends)
  }

  /// How long nothing needs to be done unless something happens; `nil` for ever.
  @inline(__always)
  private func waitingTime() -> UInt32? {
    if !queue.isEmpty || !shaking.isEmpty || hasDeliveries { return 0 }
    if !yielded.isEmpty || hasDepartures && !isObstructed { return pressure == .none ? 0 : 1 }
    if nextVerified != nil || settingsDue != nil || isRechecking { return 0 }
    var least = deadlines.remaining(settings, now: now) ?? .max
    if let time = acceptor.remaining(now: now) { least = min(least, time) }
    if let time = drainRemaining() { least = min(least, time) }
    if let time = expiryRemaining() { least = min(least, time) }
    if let time = chores.remaining(now: now) { least = min(least, time) }
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
        duty.woken()
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

  /// Remembers whom a step of the registry wakes and what it has left in this loop's own log.
  @inline(__always)
  mutating func note(_ outlook: Outlook) {
    wakes |= outlook.woken
    duty.noted(isEmpty: outlook.staged == 0)
    hasMuch = outlook.isLarge
    hasDepartures = outlook.hasDepartures
    if outlook.subscriptionsRefused != refusedSubscriptions {
      refusedSubscriptions = outlook.subscriptionsRefused
      noteRefusals(.subscriptionLimit)
    }
    if outlook.accessRefused != refusedByAccess {
      refusedByAccess = outlook.accessRefused
      noteRefusals(.access)
    }
  }

  mutating func wakeOthers() {
    guard wakes != 0 else { return }
    hub.wake(wakes)
    wakes = 0
  }

  func client(_ slot: UInt32) -> ClientID { ClientID(loop: index, slot: slot) }
}
