// Listening for operators, for collectors of metrics and for health checks.

import CommandLineTools
import SSMPTransport
import Synchronization

/// The admin socket and the port for metrics: a thread that accepts, and one for each of the few connections.
///
/// None of them touches what an event loop owns: they ask (`Hub.ask`), wait for the answer, and write it for as long as its
/// reader takes.
final class AdminServer: Sendable {
  /// The operators that there may be at once. Twice as many connections may have said nothing yet, or ask for metrics.
  static let operators = 8
  static let adminLimit = 2 * operators
  static let metricsLimit = 8
  /// Descriptors for all of that: connections, a wake-up for each tap, and what is read for an answer.
  static let descriptors = adminLimit + operators + metricsLimit + 4

  let hub: Hub
  let context: MetricsContext
  let admins = AdminPlaces(limit: adminLimit, operators: operators)
  let collectors = AdminPlaces(limit: metricsLimit, operators: 0)
  /// The connections that were too many.
  let refused = Atomic<Int>(0)
  /// How often, and how many milliseconds each time, a connection waits for the place of one that has been told to go.
  private static let leavingSteps = 100
  private static let leavingStep: UInt32 = 5
  /// How long an operator may say nothing, in milliseconds.
  let idleTime: UInt32
  /// Somebody has asked for the end: a second signal would mean that there is no time.
  let isDrainAsked = Atomic<Bool>(false)
  private let admin: ListeningSocket?
  private let metrics: ListeningSocket?
  private let end: Wakeup
  private let thread = Locked<SSMPTransport.Thread?>(nil)

  /// Listens, without accepting anybody yet.
  init(
    hub: Hub, context: MetricsContext, admin: ListeningSocket?, metrics: ListeningSocket?,
    idleTime: UInt32 = Tuning.adminIdleTime
  ) throws(SystemError) {
    self.hub = hub
    self.context = context
    self.admin = admin
    self.metrics = metrics
    self.idleTime = idleTime
    end = try Wakeup()
  }

  /// Accepts connections from now on.
  func start() throws(SystemError) {
    let accepting = try Thread { self.run() }
    thread.withLock { $0 = accepting }
  }

  /// Stops listening. Connections end with the process.
  func stop() {
    end.signal()
    let accepting = thread.withLock { $0 }
    accepting?.join()
  }

  private func run() {
    let listeners = [admin, metrics].compactMap { $0 }
    while true {
      let ready = PatientSocket.wait(reading: [end.descriptor] + listeners.map(\.descriptor), milliseconds: nil)
      if ready & 1 != 0 { break }
      for (number, listener) in listeners.enumerated() where ready >> UInt64(number + 1) & 1 != 0 { accept(listener) }
    }
    for listener in listeners { listener.close() }
  }

  private func accept(_ listener: ListeningSocket) {
    switch listener.accept() {
    case .none, .gone: break
    case .exhausted: _ = PatientSocket.wait(reading: [end.descriptor], milliseconds: Tuning.acceptPause)
    case .accepted(let socket): serve(socket.descriptor, isAdmin: listener.descriptor == admin?.descriptor)
    }
  }

  private func serve(_ descriptor: Int32, isAdmin: Bool) {
    let places = isAdmin ? admins : collectors
    var entry = places.enter(descriptor)
    // This thread does nothing but let connections in, and has the time.
    for _ in 0..<Self.leavingSteps where entry == .leaving {
      _ = PatientSocket.wait(reading: [end.descriptor], milliseconds: Self.leavingStep)
      entry = places.enter(descriptor)
    }
    if case .entered(let number) = entry {
      do throws(SystemError) {
        let thread = try Thread { self.converse(descriptor, number, isAdmin: isAdmin) }
        return thread.detach()
      } catch {
        places.leave(number)
        hub.log.write(.error, "admin failed because=\("\(error)".quoted)")
      }
    }
    // Counted before the peer is told: if the peer then asks for the counts, this connection is in
    // them.
    refused.add(1, ordering: .relaxed)
    // A word that fits into the empty buffer of a new connection, so this never waits.
    let word =
      isAdmin
      ? "error: \(AdminError.full)\n" : HTTPResponse(status: .unavailable, body: "too many connections\n").text
    _ = PatientSocket(descriptor).send(Array(word.utf8), patience: 0)
    Socket.close(descriptor)
  }

  private func converse(_ descriptor: Int32, _ number: Int, isAdmin: Bool) {
    let connection = AdminConnection(descriptor, in: isAdmin ? admins : collectors, number)
    var session = AdminSession(connection, server: self)
    if isAdmin { session.run() } else { session.answerHTTP() }
  }
}
