// The certificates in force.

import SSMPTransport
import Synchronization

/// What new TLS connections are made with, which a reload replaces, shared by the loops.
final class ServerTLS: Sendable {
  let tickets: TicketKeys
  let intermediates: IntermediatePool
  /// Grows with each replacement, so that loops see it without a lock.
  let generation = Atomic<Int>(0)
  private let state: Locked<State>

  private struct State {
    var context: TLSContext
    var dates: [TLSDate]
  }

  /// - Parameter material: what the files hold.
  init(_ material: TLSMaterial, tickets: TicketKeys) throws(TLSError) {
    self.tickets = tickets
    intermediates = material.intermediates
    state = Locked(State(context: try material.context(tickets), dates: material.dates))
  }

  /// The context for new connections.
  var context: TLSContext { state.withLock { $0.context } }

  /// Replaces the context for new connections.
  func replace(_ context: TLSContext, _ dates: [TLSDate]) {
    state.withLock { $0 = State(context: context, dates: dates) }
    generation.add(1, ordering: .sequentiallyConsistent)
  }

  /// When what is in force expires.
  var dates: [TLSDate] { state.withLock { $0.dates } }

  /// Logs when what is in force expires.
  ///
  /// - Parameter least: only what is at least as important as this.
  func logDates(_ log: Log, atLeast least: LogLevel = .notice) {
    let dates = state.withLock { $0.dates }
    for date in dates where date.logLevel.rawValue <= least.rawValue { log.write(date.logLevel, "tls \(date.line)") }
  }
}
