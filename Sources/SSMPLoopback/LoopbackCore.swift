// The one place where requests are served, and the thread that delivers.

import SSMPClient
import SSMPCore
import SSMPTransport

/// A server, the requests that it has not served yet, and the deliveries that clients have not been
/// given yet.
///
/// A client sends under its own lock, and takes that lock when it is given something. So sending
/// only adds a job; the thread that has the server's lock serves all jobs, in order; and a thread of the
/// server's, which holds no lock then, gives clients what comes of it.
///
/// Locks are taken in this order: a client's, `lock`, that of `mailbox`. They are held for
/// microseconds.
///
/// The thread ends when there is neither a connection nor something to do, so that nothing keeps a
/// server that is not used.
final class LoopbackCore: MemoryServer, @unchecked Sendable {
  // Safe to share: what follows `lock` is used under it.
  private let mailbox = Monitor(Mailbox())
  private let schemes: SchemeSet
  private let lock = Lock()
  private var server: LoopbackServer

  /// What a client has done.
  enum Job {
    case connect(LoopbackConnection)
    case input(LoopbackConnection, [UInt8])
    case close(LoopbackConnection)
    /// Tells a task how much has happened so far, when clients were given all that came before.
    case report(Reporter)
  }

  /// A task that waits for a report.
  typealias Reporter = @Sendable (UInt64) -> Void

  private struct Mailbox {
    var jobs: [Job] = []
    /// True when a job was served by another thread, and deliveries wait for this one.
    var hasDeliveries = false
    var hasThread = false
  }

  init(_ server: consuming LoopbackServer) {
    schemes = server.schemes
    self.server = server
  }

  // MARK: Any thread

  func connect(_ receive: @escaping @Sendable ([UInt8]?) -> Void) -> any MemoryConnection {
    let connection = LoopbackConnection(self, Session(schemes: schemes, strict: true), receive)
    add(.connect(connection))
    return connection
  }

  /// Adds a job. If there is no thread and none can be started, it is done when there is one.
  func add(_ job: Job) {
    mailbox.withLock {
      $0.jobs.append(job)
      startThread(&$0)
    }
  }

  /// Runs `body` with the server, when it has served all that was sent before.
  func locked<Result>(_ body: (inout LoopbackServer) -> Result) -> Result {
    var served: [Job] = []
    // Connections that are over are freed without the lock: a client, and what its configuration
    // refers to, may go with them.
    defer { withExtendedLifetime(served) {} }
    return lock.withLock {
      served = serve()
      let result = body(&server)
      if !server.deliveries.isEmpty {
        mailbox.withLock {
          $0.hasDeliveries = true
          startThread(&$0)
        }
      }
      return result
    }
  }

  /// Waits until all that was sent before is served, and what came of it is with the clients.
  ///
  /// - Returns: how much has happened so far; `nil` if there is no thread and none can be started.
  func delivered(isolation: isolated (any Actor)?) async -> UInt64? {
    await withCheckedContinuation(isolation: isolation) { continuation in
      let isAdded = mailbox.withLock {
        startThread(&$0)
        if $0.hasThread { $0.jobs.append(.report { continuation.resume(returning: $0) }) }
        return $0.hasThread
      }
      if !isAdded { continuation.resume(returning: nil) }
    }
  }

  /// Under the lock of the mailbox.
  private func startThread(_ mailbox: inout Mailbox) {
    guard !mailbox.hasThread, let thread = try? Thread(named: "ssmp-loopback", { self.run() }) else { return }
    mailbox.hasThread = true
    thread.detach()
  }

  /// Under `lock`.
  private func serve() -> [Job] {
    let jobs = mailbox.withLock { mailbox in
      defer { mailbox.jobs = [] }
      return mailbox.jobs
    }
    for job in jobs { server.serve(job) }
    return jobs
  }

  // MARK: The server's thread

  private func run() {
    while let deliveries = next() {
      for delivery in deliveries {
        switch delivery {
        case .bytes(let connection, let bytes): connection.receive(bytes)
        case .end(let connection): connection.receive(nil)
        case .report(let reporter, let activity): reporter(activity)
        }
      }
    }
  }

  /// The deliveries that are due; `nil` when the thread ends.
  private func next() -> [LoopbackServer.Handover]? {
    while true {
      let (served, deliveries, isIdle) = lock.withLock {
        let served = serve()
        mailbox.withLock { $0.hasDeliveries = false }
        return (served, server.takeDeliveries(), server.connectionCount == 0)
      }
      withExtendedLifetime(served) {}
      if !deliveries.isEmpty { return deliveries }
      let ends = mailbox.withLock { mailbox in
        guard isIdle, mailbox.jobs.isEmpty, !mailbox.hasDeliveries else { return false }
        mailbox.hasThread = false
        return true
      }
      if ends { return nil }
      mailbox.wait { $0.jobs.isEmpty && !$0.hasDeliveries ? nil : () }
    }
  }
}
