// The certificates in force.

import SSMPTransport
import Synchronization

/// What new TLS connections are made with, which a reload replaces, shared by the loops.
final class ServerTLS: Sendable {
  let tickets: TicketKeys
  let intermediates: IntermediatePool
  /// One for each loop.
  let libraries: [TLSLibrary]
  /// Grows with each replacement, so that loops see it without a lock.
  let generation = Atomic<Int>(0)
  private let state: Locked<State>

  private struct State {
    /// One for each loop.
    var contexts: [TLSContext]
    var material: Material
  }

  /// What contexts are made of, with what is often asked of it.
  struct Material: Sendable {
    let content: TLSMaterial
    let dates: [TLSDate]

    init(_ content: TLSMaterial) {
      self.content = content
      dates = content.dates
    }
  }

  /// - Parameters:
  ///   - material: what the files hold.
  ///   - shortcuts: which shortcuts are taken with OpenSSL.
  init(
    _ material: TLSMaterial, tickets: TicketKeys, loops: Int, shortcuts: TLSShortcuts
  ) throws(ConfigurationError) {
    self.tickets = tickets
    intermediates = material.intermediates
    libraries = (0..<loops).map { _ in TLSLibrary.forLoop(shortcuts) }
    state = Locked(State(contexts: try material.contexts(tickets, libraries), material: Material(material)))
  }

  /// The context for new connections of a loop.
  func context(of loop: Int) -> TLSContext { state.withLock { $0.contexts[loop] } }

  /// The contexts for new connections, out of other files.
  func contexts(_ material: TLSMaterial) throws(ConfigurationError) -> [TLSContext] {
    try material.contexts(tickets, libraries)
  }

  /// Replaces the contexts for new connections.
  func replace(_ contexts: [TLSContext], _ material: Material) {
    state.withLock { $0 = State(contexts: contexts, material: material) }
    generation.add(1, ordering: .sequentiallyConsistent)
  }

  /// What is in force.
  var material: TLSMaterial { state.withLock { $0.material.content } }

  /// When what is in force expires.
  var dates: [TLSDate] { state.withLock { $0.material.dates } }

  /// Logs when what is in force expires.
  ///
  /// - Parameter least: only what is at least as important as this.
  func logDates(_ log: Log, atLeast least: LogLevel = .notice) {
    for date in dates where date.logLevel.rawValue <= least.rawValue { log.write(date.logLevel, "tls \(date.line)") }
  }
}
