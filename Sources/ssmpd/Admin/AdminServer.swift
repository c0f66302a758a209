// Listening for operators and for whoever collects metrics.

import SSMPTransport
import Synchronization

/// The admin socket and the port for metrics: a thread that accepts, and one for each of the few connections.
///
/// None of them touches what an event loop owns: they ask (`Hub.ask`), wait for the answer, and write it for as long as its
/// reader takes.
final class AdminServer: Sendable {
  /// The connections that there may be at once.
  static let adminLimit = 8
  static let metricsLimit = 4
  /// Descriptors for all of that: connections, and a wake-up for each tap.
  static let descriptors = 2 * adminLimit + metricsLimit + 4

  let hub: Hub
  let context: MetricsContext
  let admins = Atomic<Int>(0)
  let collectors = Atomic<Int>(0)
  /// The connections that were too many.
  let refused = Atomic<Int>(0)
  /// Somebody has asked for the end: a second signal would mean that there is no time.
  let isDrainAsked = Atomic<Bool>(false)
  private let admin: ListeningSocket?
  private let metrics: ListeningSocket?
  private let end: Wakeup
  private let thread = Locked<SSMPTransport.Thread?>(nil)

  /// Listens, without accepting anybody yet.
  init(hub: Hub, context: MetricsContext, admin: ListeningSocket?, metrics: ListeningSocket?) throws(SystemError) {
    self.hub = hub
    self.context = context
    self.admin = admin
    self.metrics = metrics
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
    let isMany =
      isAdmin
      ? admins.add(1, ordering: .relaxed).newValue > Self.adminLimit
      : collectors.add(1, ordering: .relaxed).newValue > Self.metricsLimit
    if !isMany {
      do throws(SystemError) {
        let thread = try Thread {
          self.converse(descriptor, isAdmin: isAdmin)
          self.release(isAdmin: isAdmin)
        }
        return thread.detach()
      } catch {
        hub.log.write(.error, "admin failed because=\("\(error)".quoted)")
      }
    }
    // Before it is told: who has read that finds the counts right.
    refused.add(1, ordering: .relaxed)
    release(isAdmin: isAdmin)
    // A word that fits into the empty buffer of a new connection, so this never waits.
    let word =
      isAdmin
      ? "error: \(Self.adminLimit) connections are open, and no more are served\n"
      : HTTPResponse(status: .unavailable, body: "too many connections\n").text
    _ = PatientSocket(descriptor).send(Array(word.utf8), patience: 0)
    Socket.close(descriptor)
  }

  private func converse(_ descriptor: Int32, isAdmin: Bool) {
    var session = AdminSession(AdminConnection(descriptor), server: self)
    if isAdmin { session.run() } else { session.answerHTTP() }
  }

  private func release(isAdmin: Bool) {
    if isAdmin { admins.subtract(1, ordering: .relaxed) } else { collectors.subtract(1, ordering: .relaxed) }
  }
}
