// A client's state, shared by its tasks and the I/O thread.

import SSMPTransport

/// What a client is behind its public face.
///
/// All state is used under one lock, which is held for microseconds. Sockets are opened, read and closed by the I/O thread alone; a
/// task may send by itself when no response is owed, since that saves it the way over the I/O thread.
final class ClientCore: @unchecked Sendable {
  // Safe to share: what follows `lock` is used under it.
  let configuration: Configuration
  let thread: IOThread
  /// Messages to this client itself.
  let messages: EventQueue<MessageEvent>
  let submissions = Submissions()
  private let lock = Lock(spins: true)

  var phase = Phase.idle
  var attempt = Attempt()
  var link: Link?
  var conversation: Conversation<Waiter>
  var topics = Topics()
  /// Queues without room, for which reading pauses.
  var fullQueues: Set<ObjectIdentifier> = []
  /// Sequences of all events.
  var taps: [EventQueue<AnyEvent>] = []
  var states = StateBoard(.connecting(attempt: 1))
  var history: History
  var schedule = Schedule()
  var exchanges = Exchanges()
  private var aftermath = Aftermath()

  /// What is done when the lock is free again.
  private struct Aftermath {
    /// Tasks that go on with a response.
    var responses: [(caller: Caller, result: Result<Response, SSMPError>)] = []
    /// Tasks that go on with the answer of another client.
    var replies: [(asker: Asker, result: Result<SSMPClient.Reply, SSMPError>)] = []
    /// Tasks that go on with several responses.
    var batches: [Batch] = []
    /// How many requests of tasks were settled.
    var settled = 0
  }

  /// What a client is at.
  enum Phase {
    case idle
    /// A thread that may wait finds out what is needed.
    case preparing
    case racing
    case handshaking
    case loggingIn
    /// So many SUBSCRIBE requests have not been answered.
    case resubscribing(Int)
    case online
    case pausing(until: UInt64)
    /// CLOSE was sent.
    case closing(until: UInt64)
    case ended(SSMPError)
  }

  /// What is remembered over connections.
  struct History {
    var backoff: Backoff
    var contest = Contest()
    var wasOnline = false
    /// The task that waits for the first login.
    var starter: Caller?
    /// Tasks that wait for the end.
    var closers: [Caller] = []
    /// The end was asked for.
    var isClosing = false
  }

  /// When the I/O thread looks after this client.
  struct Schedule {
    /// It has been asked to, as soon as it can.
    var isPosted = false
    /// The moment that it knows; never if it is `.max`.
    var armedAt = UInt64.max
  }

  init(_ configuration: Configuration) throws(SSMPError) {
    guard !configuration.servers.isEmpty || configuration.memory != nil else { throw .invalid("no server is given") }
    do throws(SystemError) {
      thread = try IOThread.shared.get()
    } catch {
      throw .unreachable("\(error)")
    }
    self.configuration = configuration
    messages = EventQueue(configuration.messageBuffering, isAttached: false)
    conversation = Conversation(configuration.timeouts, now: MonotonicTime.nanoseconds())
    history = History(backoff: Backoff(configuration.reconnection))
  }

  /// Runs `body` under the lock, and has tasks go on behind it.
  func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    var rest = Aftermath()
    defer {
      if rest.settled > 0 { submissions.settle(rest.settled) }
      for one in rest.responses { one.caller.resume(returning: one.result) }
      for one in rest.replies { one.asker.resume(returning: one.result) }
      for batch in rest.batches { batch.resume() }
    }
    return try lock.withLock {
      defer { swap(&rest, &aftermath) }
      return try body()
    }
  }

  /// Has a task go on when the lock is free.
  func resume(_ caller: Caller, _ result: Result<Response, SSMPError>) {
    aftermath.responses.append((caller, result))
  }

  /// The same for a task that has asked another client.
  func resume(_ asker: Asker, _ result: Result<SSMPClient.Reply, SSMPError>) {
    aftermath.replies.append((asker, result))
  }

  /// The same for a task that has made several requests, all of which are settled.
  func resume(_ batch: Batch) {
    aftermath.batches.append(batch)
  }

  /// Has a task go on that has made a request.
  func settle(_ caller: Caller, _ result: Result<Response, SSMPError>) {
    aftermath.settled += 1
    resume(caller, result)
  }

  /// Has the I/O thread look after this client. Under the lock.
  func post() {
    guard !schedule.isPosted else { return }
    schedule.isPosted = true
    thread.post(self)
  }

  /// Why requests cannot be made now; `nil` if they can.
  var obstacle: SSMPError? {
    switch phase {
    case .online: nil
    case .ended(let error): error
    case .closing: .closed
    case _ where history.isClosing: .closed
    case _ where states.current == .contested: .contested
    default: .offline
    }
  }
}
