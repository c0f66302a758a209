// What the loops and the coordinator share.

import Containers
import SSMPCore
import SSMPTransport
import Synchronization

/// Where a run is.
enum Phase: Int {
  case setup, warmup, measurement, draining, done
}

/// State that several threads use: atomic counters, and lists behind locks.
final class Shared: @unchecked Sendable {
  /// All times are counted from here.
  let origin = Clock.now()
  private let currentPhase = Atomic<Int>(Phase.setup.rawValue)
  private let measurementStart = Atomic<UInt64>(.max)
  private let loginWasAccepted = Atomic<Bool>(false)
  // Safe to share: atomics whose addresses never change.
  private let delivered: UnsafeMutablePointer<Atomic<UInt64>>
  /// When the latest changes of each churner were sent, by their number. Whoever reads one has heard of the change through
  /// the server, and it is not written anew before all have.
  private let changeTimes: UnsafeMutablePointer<Atomic<UInt64>>
  let inboxes: [Inbox]
  private let results: Locked<Results>

  private struct Results {
    /// What each loop has counted so far.
    var counts: [WorkerCounts]
    var failure: RunError?
  }

  init(_ plan: Plan) throws {
    delivered = .allocate(capacity: max(1, plan.senders))
    for sender in 0..<plan.senders { (delivered + sender).initialize(to: Atomic(0)) }
    let changes = plan.scenario == .presence ? plan.senders * Shared.ring(plan) : 1
    changeTimes = .allocate(capacity: changes)
    for change in 0..<changes { (changeTimes + change).initialize(to: Atomic(0)) }
    results = Locked(Results(counts: Array(repeating: WorkerCounts(), count: plan.loops)))
    inboxes = try (0..<plan.loops).map { _ in try Inbox() }
  }

  deinit {
    delivered.deallocate()
    changeTimes.deallocate()
  }

  /// The changes of one churner whose times are kept: more than can be on the way.
  static func ring(_ plan: Plan) -> Int { plan.options.windowSize * 2 + 2 }

  /// When a change, by its place in the rings of all churners, was sent.
  func changeTime(_ place: Int) -> UInt64 { changeTimes[place].load(ordering: .relaxed) }

  /// Notes that a change is being sent.
  func setChangeTime(_ place: Int, _ time: UInt64) { changeTimes[place].store(time, ordering: .relaxed) }

  var phase: Phase {
    get { Phase(rawValue: currentPhase.load(ordering: .acquiring)) ?? .done }
    set {
      currentPhase.store(newValue.rawValue, ordering: .releasing)
      for inbox in inboxes { inbox.wakeup.signal() }
    }
  }

  /// True when the server has accepted a first login. Until then the run has one connection. So an invalid credential is
  /// one failed login, and its 401 is what ends the run. With many connections at once, a server that limits failed
  /// logins (ssmpd does) may reset one of them before the generator has read the first 401, and it refuses the address
  /// for some time afterwards.
  var hasLogin: Bool { loginWasAccepted.load(ordering: .acquiring) }

  /// Notes that the server has accepted a first login, and lets all loops connect.
  func noteLogin() {
    guard !loginWasAccepted.exchange(true, ordering: .acquiringAndReleasing) else { return }
    for inbox in inboxes { inbox.wakeup.signal() }
  }

  /// Messages that were to be sent at this time or later are measured.
  var measuredFrom: UInt64 {
    get { measurementStart.load(ordering: .relaxed) }
    set { measurementStart.store(newValue, ordering: .relaxed) }
  }

  /// Adds deliveries of a sender's messages, and returns all.
  func deliver(_ count: UInt64, of sender: Int) -> UInt64 {
    delivered[sender].add(count, ordering: .relaxed).newValue
  }

  /// All deliveries of a sender's messages.
  func deliveries(of sender: Int) -> UInt64 { delivered[sender].load(ordering: .relaxed) }

  /// A loop's counts so far.
  func report(_ counts: WorkerCounts, of loop: Int) {
    results.withLock { $0.counts[loop] = counts }
  }

  /// The counts of all loops.
  var total: WorkerCounts {
    results.withLock { results in
      var total = WorkerCounts()
      for counts in results.counts { total.add(counts) }
      return total
    }
  }

  /// Why the run cannot go on, if it cannot.
  var failure: RunError? { results.withLock { $0.failure } }

  /// Ends the run; the first reason counts.
  func fail(_ error: RunError) {
    results.withLock { if $0.failure == nil { $0.failure = error } }
    phase = .done
  }
}

/// The senders of a loop whose messages other loops have received.
final class Inbox: @unchecked Sendable {
  let wakeup: Wakeup
  private let lock = Lock()
  // Guarded by `lock`.
  private var senders = FlatArray<UInt32>()

  init() throws(SystemError) {
    wakeup = try Wakeup()
  }

  func add(_ sender: UInt32) {
    let isFirst = lock.withLock {
      senders.append(sender)
      return senders.count == 1
    }
    if isFirst { wakeup.signal() }
  }

  /// Hands over what has come.
  func take(into list: inout FlatArray<UInt32>) {
    list.removeAll()
    lock.withLock { swap(&senders, &list) }
  }
}

extension WorkerCounts {
  /// Adds another loop's counts.
  mutating func add(_ other: WorkerCounts) {
    ready += other.ready
    sent += other.sent
    requests += other.requests
    answers += other.answers
    expected += other.expected
    delivered += other.delivered
    events += other.events
    resumed += other.resumed
    duplicates += other.duplicates
    reordered += other.reordered
    strange += other.strange
    refused += other.refused
  }
}
