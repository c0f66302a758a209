// One loop of the generator.

import Containers
import Glibc
import SSMPCore
import SSMPTransport

/// A thread's connections and all that it does with them.
struct Worker: ~Copyable {
  let plan: Plan
  let shared: Shared
  let number: Int
  let poller: Poller
  var peers = FlatArray<Peer>()
  /// For each connection what its next one resumes; empty without `--resume`.
  var sessions: [TLSClientSession?] = []
  var senders = FlatArray<Sender>()
  /// For each connection its lanes.
  var tracks = FlatArray<DeliveryTrack>()
  /// For each sender the numbers of its next unicasts, by how far behind it the recipient is.
  var unicasts = FlatArray<UInt32>()
  var input = InputBuffer()
  var output = FlatArray<UInt8>()
  let templates: Templates
  /// Deliveries of this turn by sender, and the senders that have some.
  var fresh = FlatArray<UInt32>()
  var touched = FlatArray<UInt32>()
  /// Senders, by their place here, that may be able to send.
  var candidates = FlatArray<UInt32>()
  var handed = FlatArray<UInt32>()
  var counts = WorkerCounts()
  var latencies = LatencyHistogram()
  /// By how much messages were sent later than they were to be.
  var lateness = LatencyHistogram()
  var phase = Phase.setup
  var measuredFrom = UInt64.max
  var now: UInt64 = 0
  /// The next connection to be made.
  var nextSlot = 0
  var opening = 0
  /// What is left of `--count`; and when the next message is due, with `--rate`.
  var quota = UInt64.max
  var nextDue: UInt64 = 0
  var interval: UInt64 = 0
  var turnOfSender = 0
  /// What is due cannot be sent, since the server does not take what was sent before.
  var isHeld = false
  var random: UInt64
  /// CPU time of this thread when the measurement began and ended.
  var cpuStart: UInt64 = 0
  var cpuEnd: UInt64 = 0

  static let wakeupToken = UInt64.max
  /// The connections of a loop that are being made at the same time.
  static let openingLimit = 64

  init(_ number: Int, _ plan: Plan, _ shared: Shared, _ poller: consuming Poller) {
    self.number = number
    self.plan = plan
    self.shared = shared
    self.poller = poller
    templates = Templates(plan)
    random = 0x9e37_79b9_7f4a_7c15 &* UInt64(number + 1)
    prepare()
  }

  private mutating func prepare() {
    for slot in 0..<plan.connections(of: number) {
      var peer = Peer()
      let sender = connection(slot) - plan.senderBase
      if (0..<plan.senders).contains(sender) {
        peer.sender = Int32(senders.count)
        senders.append(
          Sender(number: UInt32(sender), slot: UInt32(slot), deliveryWindow: plan.deliveryWindow(of: sender)))
        for _ in 0..<plan.reach { unicasts.append(0) }
      }
      peers.append(peer)
      for _ in 0..<plan.lanes { tracks.append(DeliveryTrack()) }
    }
    for _ in 0..<plan.senders { fresh.append(0) }
    if plan.options.resumes { sessions = Array(repeating: nil, count: peers.count) }
    preparePace()
  }

  /// This loop's part of `--count` and `--rate`: as large as its part of the senders, or of the connections.
  private mutating func preparePace() {
    let isConnect = plan.scenario == .connect
    let all = UInt64(isConnect ? plan.connections : plan.senders)
    let own = UInt64(isConnect ? peers.count : senders.count)
    let count = plan.options.count ?? (plan.scenario == .idle ? 1 : nil)
    if let count {
      let isLast = number == plan.loops - 1 || plan.senders == 1
      let before = (0..<number).reduce(0) { $0 + part(UInt64(count), of: $1, all) }
      quota = own == 0 ? 0 : isLast ? UInt64(count) - before : part(UInt64(count), of: number, all)
    }
    if let rate = plan.options.rate, own > 0 { interval = UInt64(1e9 * Double(all) / (Double(rate) * Double(own))) }
  }

  private func part(_ count: UInt64, of loop: Int, _ all: UInt64) -> UInt64 {
    if plan.scenario == .connect { return count * UInt64(plan.connections(of: loop)) / all }
    let own = (0..<plan.senders).count { plan.loop(of: plan.senderBase + $0) == loop }
    return count * UInt64(own) / all
  }

  /// The number among all connections of one of this loop's.
  @inline(__always) func connection(_ slot: Int) -> Int { slot * plan.loops + number }

  /// Runs until the coordinator says that the run is over.
  mutating func run() {
    Poller.waitExactly()
    while true {
      now = Clock.now()
      enter(shared.phase)
      if phase == .done { return closeAll() }
      openConnections()
      send()
      publish()
      wait()
    }
  }

  private mutating func wait() {
    let count = poller.wait(nanoseconds: waitingTime())
    now = Clock.now()
    for index in 0..<count {
      let event = poller.event(index)
      if event.token == Self.wakeupToken {
        takeInbox()
      } else {
        handle(event)
      }
    }
    settleDeliveries()
  }

  /// How long there may be nothing to do.
  private func waitingTime() -> UInt64 {
    if !candidates.isEmpty || plan.options.spins { return 0 }
    let longest: UInt64 = 50_000_000
    guard interval > 0, isSending, quota > 0 else { return longest }
    let time = Clock.now()
    if isHeld { return 1_000_000 }
    return nextDue > time ? min(longest, nextDue - time) : 0
  }

  /// True while messages are to be sent.
  var isSending: Bool { phase == .warmup || phase == .measurement }

  private mutating func enter(_ new: Phase) {
    guard new != phase else { return }
    if new == .measurement { cpuStart = Clock.thread() }
    if new == .measurement || new == .warmup { measuredFrom = shared.measuredFrom }
    if phase == .measurement { cpuEnd = Clock.thread() }
    let wasSending = isSending
    phase = new
    guard isSending, !wasSending else { return }
    nextDue = now
    for index in 0..<senders.count { become(candidate: index) }
  }

  private mutating func publish() {
    shared.report(counts, of: number)
  }
}
