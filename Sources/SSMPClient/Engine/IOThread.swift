// The thread that does the I/O of all clients.

import SSMPTransport

/// The process's one I/O thread: it waits for the sockets of all clients, and for their moments.
///
/// It starts with the first client and stays. Tasks hand it clients that have something to do; it never waits for a task.
final class IOThread: Sendable {
  /// The thread, or why there is none.
  static let shared: Result<IOThread, SystemError> = {
    do throws(SystemError) {
      return .success(try IOThread())
    } catch {
      return .failure(error)
    }
  }()

  private struct Inbox {
    var clients: [ClientCore] = []
    /// What is called when these clients have been looked after.
    var callers: [@Sendable () -> Void] = []
    var isAsleep = false
  }

  private let inbox = Locked(Inbox())
  private let wakeup: Wakeup

  private init() throws(SystemError) {
    wakeup = try Wakeup()
    let poller = try Poller()
    try poller.addLevelTriggered(wakeup.descriptor, token: IOLoop.wakeupToken)
    // The loop is made on this thread and used by the other one alone.
    let loop = IOLoop(poller)
    try Thread(named: "ssmp-client") { self.run(loop) }.detach()
  }

  /// Has the thread look after a client soon.
  func post(_ client: ClientCore) {
    let isAsleep = inbox.withLock { inbox in
      inbox.clients.append(client)
      defer { inbox.isAsleep = false }
      return inbox.isAsleep
    }
    if isAsleep { wakeup.signal() }
  }

  /// Has the thread call `body` when it has looked after all clients that were posted before.
  func call(_ body: @escaping @Sendable () -> Void) {
    let isAsleep = inbox.withLock { inbox in
      inbox.callers.append(body)
      defer { inbox.isAsleep = false }
      return inbox.isAsleep
    }
    if isAsleep { wakeup.signal() }
  }

  private func run(_ loop: IOLoop) {
    var posted: [ClientCore] = []
    var callers: [@Sendable () -> Void] = []
    while true {
      inbox.withLock { inbox in
        swap(&inbox.clients, &posted)
        swap(&inbox.callers, &callers)
        inbox.isAsleep = posted.isEmpty && callers.isEmpty && !loop.hasWork
      }
      for client in posted { client.attend(loop) }
      for caller in callers { caller() }
      let isIdle = posted.isEmpty && callers.isEmpty && !loop.hasWork
      posted.removeAll(keepingCapacity: posted.count <= 1024)
      callers = []
      let events = loop.wait(isIdle)
      inbox.withLock { $0.isAsleep = false }
      for index in 0..<events where !loop.handle(index) { wakeup.clear() }
      loop.serveDue()
    }
  }
}

/// What the I/O thread alone uses: sockets, moments, and the buffer for input.
final class IOLoop: @unchecked Sendable {
  // Safe to share: it is made by one thread and used by another one from then on.
  static let wakeupToken = UInt64.max

  private let poller: Poller
  private var watched: [UInt64: ClientCore] = [:]
  private var nextToken: UInt64 = 0

  /// A moment of a client's. It does not keep the client: one that has ended would stay for as long as its longest time-out.
  private struct Appointment {
    weak var client: ClientCore?
    let moment: UInt64
  }

  private var moments = TimerHeap<Appointment>()
  /// Clients that have more to read than one turn takes.
  private var unfinished: [ClientCore] = []
  /// What a client reads into.
  var input = InputBuffer()
  /// The time of this turn, in nanoseconds.
  private(set) var now = MonotonicTime.nanoseconds()

  init(_ poller: consuming Poller) {
    self.poller = poller
  }

  /// True if there is something to do without waiting.
  var hasWork: Bool { !unfinished.isEmpty }

  /// Watches a socket for a client, and returns the token by which its events are told.
  func watch(_ descriptor: Int32, for client: ClientCore) throws(SystemError) -> UInt64 {
    nextToken += 1
    try poller.add(descriptor, token: nextToken)
    watched[nextToken] = client
    return nextToken
  }

  /// No longer tells of a socket, which is about to be closed.
  func forget(_ token: UInt64) { watched[token] = nil }

  /// Has the client attended to at `moment`.
  func attend(to client: ClientCore, at moment: UInt64) {
    moments.add(moment, Appointment(client: client, moment: moment))
  }

  /// Has the client attended to once more, after all others had their turn.
  func goOn(with client: ClientCore) { unfinished.append(client) }

  fileprivate func wait(_ isIdle: Bool) -> Int {
    defer { now = MonotonicTime.nanoseconds() }
    guard isIdle else { return poller.wait(milliseconds: 0) }
    guard let next = moments.next else { return poller.wait(milliseconds: nil) }
    let time = MonotonicTime.nanoseconds()
    return next > time ? poller.wait(nanoseconds: next - time) : poller.wait(milliseconds: 0)
  }

  /// Tells a client of an event of its socket; false if it is the wake-up.
  fileprivate func handle(_ index: Int) -> Bool {
    let event = poller.event(index)
    guard event.token != Self.wakeupToken else { return false }
    watched[event.token]?.handle(event, self)
    return true
  }

  fileprivate func serveDue() {
    let ready = unfinished
    unfinished.removeAll()
    for client in ready { client.attend(self) }
    while let due = moments.take(now: now) { due.client?.attend(self, at: due.moment) }
  }
}
