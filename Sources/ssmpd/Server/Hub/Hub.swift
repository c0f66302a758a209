// What the event loops share.

import SSMPCore
import SSMPTransport
import Synchronization

/// A connection on its way from the acceptor to its loop.
struct Arrival: Sendable {
  let socket: AcceptedSocket
  let address: UInt32
  let schemes: SchemeSet
  let isTLS: Bool
}

/// The registry and the few other things that several loops touch, each with its own rule.
///
/// - The registry is used under `lock` only, for a batch of requests at a time and never across a system call. With one
///   loop there is one thread, and no lock is taken.
/// - The published settings, too.
/// - The arrivals and what a reload has read are used under `mailLock` only.
/// - Everything else is immutable, atomic, or locks for itself.
final class Hub: @unchecked Sendable {
  let log: Log
  let admissions: Admissions
  let logins = LoginWatch()
  let reloadStatus = ReloadStatus()
  let loops: Int
  let wakeups: [Wakeup]
  /// What a reload reads.
  let sources: ConfigurationSources
  /// The certificates in force; `nil` when no listener speaks TLS.
  let tls: ServerTLS?
  /// The reporter to systemd; `nil` if systemd has not started the server.
  let service: ServiceReporter?
  /// How the server goes down (`Urgency`).
  private let urgencyValue = Atomic<UInt8>(0)
  /// The loops that, going down, have read their last request.
  let quiet = Atomic<Int>(0)

  private let isShared: Bool
  private let lock = Lock()
  /// Allocated once, and initialized for as long as the hub lives. As a property of a class it would be watched for
  /// exclusive use at run time, which the lock sees to, and which took a tenth of the time outside the kernel.
  private let registry: UnsafeMutablePointer<Registry>
  private let mailLock = Lock()
  private var arrivals: [[Arrival]]
  private var reloaded: Reloaded?
  private var reloads = (isRunning: false, isWanted: false)
  private var reloadAskers: [ReloadAsker] = []
  /// The settings that were read last, which are in force or about to be.
  private var configuration: Configuration
  /// How often memory was asked to be given back, and has not been yet.
  let memoryAsked = Atomic<Int>(0)
  private let hasReloaded = Atomic<Bool>(false)
  /// The settings for the loops, under `lock`, and how often there were others.
  var published: PublishedSettings
  let settingsGeneration = Atomic<Int>(0)
  private let pending: [PendingBytes]
  /// What other threads ask each loop.
  let queries: [LoopQueries]
  let latestCounts: LatestCounts

  /// The pending bytes of one loop, published for the others.
  private final class PendingBytes: Sendable {
    let bytes = Atomic<Int>(0)
    /// The part of it that is input.
    let input = Atomic<Int>(0)
    /// Set when the sum is over the limit and this loop has the most.
    let mustTrim = Atomic<Bool>(false)
  }

  init(
    configuration: Configuration, sources: ConfigurationSources, loops: Int, rules: LoginRules, access: AccessRules?,
    admissions: Admissions, log: Log, tls: ServerTLS?, service: ServiceReporter? = nil
  ) throws(SystemError) {
    self.configuration = configuration
    self.sources = sources
    let settings = Settings(configuration)
    published = PublishedSettings(settings: settings)
    self.log = log
    self.admissions = admissions
    self.loops = loops
    self.tls = tls
    self.service = service
    var wakeups: [Wakeup] = []
    for _ in 0..<loops { wakeups.append(try Wakeup()) }
    self.wakeups = wakeups
    isShared = loops > 1
    var random = SystemRandomNumberGenerator()
    registry = .allocate(capacity: 1)
    registry.initialize(
      to: Registry(loops: loops, limits: settings.registryLimits, rules: rules, key: (random.next(), random.next())))
    registry.pointee.replaceAccess(access)
    registry.pointee.maxClients = admissions.limit
    arrivals = Array(repeating: [], count: loops)
    pending = (0..<loops).map { _ in PendingBytes() }
    queries = (0..<loops).map { _ in LoopQueries() }
    latestCounts = LatestCounts(loops: loops)
  }

  deinit {
    registry.deinitialize(count: 1)
    registry.deallocate()
  }

  /// Runs one step of the registry on behalf of a loop, while no other loop does; says what it leaves to do.
  @inline(__always)
  func step<Result>(of loop: Int, _ body: (inout Registry) -> Result) -> (result: Result, outlook: Outlook) {
    withRegistry { (body(&$0), $0.outlook(of: loop)) }
  }

  /// Uses the registry while no other loop does.
  @inline(__always)
  func withRegistry<Result>(_ body: (inout Registry) -> Result) -> Result {
    isShared ? lock.withLock { body(&registry.pointee) } : body(&registry.pointee)
  }

  /// How the server goes down, if it does.
  var urgency: Urgency { Urgency(rawValue: urgencyValue.load(ordering: .sequentiallyConsistent)) ?? .atOnce }

  /// True when the server goes down whatever is pending. Nothing is served any more: other loops may have closed the recipients.
  @inline(__always) var endsAtOnce: Bool { urgencyValue.load(ordering: .acquiring) == Urgency.atOnce.rawValue }

  /// True when the server is going down.
  var isDraining: Bool { urgency > .none }

  /// Lets the server go down, or go down faster.
  func goDown(_ urgency: Urgency) {
    urgencyValue.max(urgency.rawValue, ordering: .sequentiallyConsistent)
    service?.stopping(within: configurationInForce.drain + 2 * Tuning.drainTime)
    wake(allLoops)
  }

  /// Wakes a set of loops: bit n stands for loop n.
  func wake(_ loops: UInt64) {
    var rest = loops
    while rest != 0 {
      wakeups[rest.trailingZeroBitCount].signal()
      rest &= rest - 1
    }
  }

  /// Hands a connection to a loop; true when that has to be woken, because nothing was waiting for it.
  func send(_ arrival: Arrival, to loop: Int) -> Bool {
    mailLock.withLock {
      defer { arrivals[loop].append(arrival) }
      return arrivals[loop].isEmpty
    }
  }

  /// The connections that have come for a loop.
  func takeArrivals(for loop: Int) -> [Arrival] {
    guard isShared else { return [] }
    return mailLock.withLock {
      defer { arrivals[loop].removeAll() }
      return arrivals[loop]
    }
  }

  /// Notes that a reload begins; false when one is under way, which will begin anew then.
  func beginReload() -> Bool {
    mailLock.withLock {
      reloads.isWanted = reloads.isRunning
      defer { reloads.isRunning = true }
      return !reloads.isRunning
    }
  }

  /// Notes that a reload has ended; false when another one was asked for meanwhile.
  func endReload() -> Bool {
    mailLock.withLock {
      defer { reloads.isWanted = false }
      reloads.isRunning = reloads.isWanted
      return !reloads.isWanted
    }
  }

  /// Adds an asker that is told the result of the next reload.
  func addReloadAsker(_ asker: @escaping ReloadAsker) {
    mailLock.withLock { reloadAskers.append(asker) }
  }

  /// Takes the askers that wait for the reload that begins now.
  func takeReloadAskers() -> [ReloadAsker] {
    mailLock.withLock {
      defer { reloadAskers = [] }
      return reloadAskers
    }
  }

  /// Hands over what a reload has read, to be put in force by the first loop.
  func post(_ result: Reloaded) {
    mailLock.withLock {
      let askers = reloaded?.askers ?? []
      reloaded = result
      reloaded?.askers += askers
      configuration = result.configuration
    }
    hasReloaded.store(true, ordering: .releasing)
    wakeups[0].signal()
  }

  /// The settings that are in force, or about to be.
  var configurationInForce: Configuration { mailLock.withLock { configuration } }

  /// What a reload has read since this was asked last.
  func takeReload() -> Reloaded? {
    guard hasReloaded.load(ordering: .relaxed), hasReloaded.exchange(false, ordering: .acquiring) else { return nil }
    return mailLock.withLock {
      defer { reloaded = nil }
      return reloaded
    }
  }

  /// Publishes the pending bytes of a loop, and the part of them that is input. Returns the loop that must close connections
  /// because the sum is over the limit: the one that has the most.
  func publish(pending bytes: Int, input: Int, of loop: Int, limit: Int) -> Int? {
    note(pending: bytes, input: input, of: loop)
    guard totalPending > limit else { return nil }
    let most = pending.indices.max {
      pending[$0].bytes.load(ordering: .relaxed) < pending[$1].bytes.load(ordering: .relaxed)
    }
    if let most { pending[most].mustTrim.store(true, ordering: .relaxed) }
    return most
  }

  /// Publishes the pending bytes of a loop, and the part of them that is input.
  func note(pending bytes: Int, input: Int, of loop: Int) {
    pending[loop].bytes.store(bytes, ordering: .relaxed)
    pending[loop].input.store(input, ordering: .relaxed)
  }

  /// True when a loop has been asked to close connections since it was asked last.
  func mustTrim(_ loop: Int) -> Bool {
    pending[loop].mustTrim.load(ordering: .relaxed) && pending[loop].mustTrim.exchange(false, ordering: .relaxed)
  }

  /// How near all connections together are to the limit on pending bytes. Senders wait without bound only for output: what
  /// they themselves have sent ahead becomes less only if they go on.
  func pressure(_ settings: Settings) -> Pressure {
    let total = totalPending
    guard total > settings.pressureMark else { return .none }
    let input = pending.reduce(0) { $0 + $1.input.load(ordering: .relaxed) }
    return total - input > settings.maxTotalPending / 4 ? .output : .input
  }

  /// The sum of what all loops have pending.
  var totalPending: Int { pending.reduce(0) { $0 + $1.bytes.load(ordering: .relaxed) } }

  /// One bit for each loop.
  var allLoops: UInt64 { loops == 64 ? .max : (1 << UInt64(loops)) - 1 }
}
