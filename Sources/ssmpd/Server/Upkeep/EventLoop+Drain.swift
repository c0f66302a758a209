// Signals, and going down.

import Glibc
import SSMPCore
import SSMPTransport

extension EventLoop {
  mutating func handleSignals() {
    while let signal = signals?.next() {
      switch signal.number {
      case SIGTERM, SIGINT:
        let name = signal.number == SIGTERM ? "SIGTERM" : "SIGINT"
        // A second signal asks for an immediate shutdown. SIGINT does not spread the closes over
        // time: the person at the terminal would have to wait.
        let first: Urgency = signal.number == SIGTERM && settings.drain > 0 ? .spread : .together
        let urgency = hub.urgency > .none ? .atOnce : first
        hub.log.write(.notice, "server stop signal=\(name) how=\(urgency.name)")
        hub.goDown(urgency)
      case SIGHUP: hub.reload(askedBy: signal.sender)
      case SIGUSR1: hub.report()
      default: break
      }
    }
  }

  /// Goes down step by step. First connections close one after the other, as long as there is time
  /// for that. Then every loop stops reading, and sends what is pending. Then the other connections
  /// end, in the same instant as far as any client can tell, so no client is left that would have
  /// to be told.
  mutating func advanceDrain() {
    let urgency = hub.urgency
    guard urgency > .none else { return }
    if urgency == .atOnce { return end() }
    switch drain.phase {
    case .running: beginDrain(urgency)
    case .leaving(let since): letLeave(since: since)
    case .quiet(let since):
      let othersAreQuiet = hub.quiet.load(ordering: .sequentiallyConsistent) == hub.loops
      guard othersAreQuiet || now.since(since) >= Tuning.drainTime else { return }
      advanceDepartures()
      workOff()
      if !hasDeliveries || now.since(since) >= Tuning.drainTime { drain.phase = .flushing(since: since) }
    case .flushing(let since): flushLast(since: since)
    case .parting(let since):
      if hub.admissions.count == 0 || now.since(since) >= Tuning.partingTime { end() }
    case .ended: break
    }
  }

  /// When going down has to be looked at again, in milliseconds.
  @inline(__always) func drainRemaining() -> UInt32? {
    drain.phase == .running ? nil : 10
  }

  /// True when requests are served.
  var isServing: Bool {
    switch drain.phase {
    case .running, .leaving: true
    case .quiet, .flushing, .parting, .ended: false
    }
  }

  private mutating func beginDrain(_ urgency: Urgency) {
    acceptor.close(watchedBy: poller)
    guard urgency == .spread, settings.drain > 0 else { return becomeQuiet() }
    for slot in connections.slots where connections[slot].state == .open {
      // Connections that have not logged in end now, because no client can log in any more. A reply
      // that may be on its way is sent first.
      if connections[slot].session.phase == .loggedIn {
        drain.leaving.append(slot)
      } else if connections[slot].flags.contains(.handshaking) {
        part(slot)
      } else {
        finish(slot, .shutdown)
      }
    }
    drain.phase = .leaving(since: now)
    letLeave(since: now)
  }

  /// Closes the connections that are due. They leave the registry as by any other end: the
  /// remaining clients are told of it, in order, and everything that they see is true.
  ///
  /// If all members of a large topic watch it, the number of these events is the square of the
  /// number of members. So no connection leaves while the log of a loop is full, or while
  /// departures have to go on. When the time is up, the remaining connections end together, without
  /// any events.
  private mutating func letLeave(since: Ticks) {
    let passed = now.since(since)
    let due = drain.due(after: passed, of: settings.drain)
    let watch = Stopwatch()
    while drain.gone < due, watch.microseconds < Tuning.handshakeTime, !hub.withRegistry({ $0.hasFullLog }),
      !outbox.hasDepartures
    {
      let slot = drain.leaving[drain.gone]
      drain.gone += 1
      // The slots of clients that have left by themselves are not given to other connections any
      // more.
      if connections[slot].state == .open { finish(slot, .shutdown) }
    }
    if passed >= settings.drain || drain.gone == drain.leaving.count || hub.admissions.count == 0 { becomeQuiet() }
  }

  private mutating func becomeQuiet() {
    for slot in connections.slots where connections[slot].state == .open {
      connections[slot].flags.insert(.held)
    }
    hub.quiet.add(1, ordering: .sequentiallyConsistent)
    outbox.wakes |= hub.allLoops
    drain.phase = .quiet(since: now)
  }

  /// Sends what is pending; each connection of which everything has been sent ends.
  private mutating func flushLast(since: Ticks) {
    let isLate = now.since(since) >= Tuning.drainTime
    var isPending = false
    for slot in connections.slots {
      switch connections[slot].state {
      case .open, .ending:
        if isLate {
          retrySending(slot)
          if connections[slot].state == .open || connections[slot].state == .ending { endNow(slot) }
        } else if connections[slot].backlog.isEmpty {
          part(slot)
        } else {
          isPending = true
        }
      case .lingering, .closed: break
      }
    }
    if !isPending { drain.phase = .parting(since: now) }
  }

  /// Ends a connection to which nothing more is to be sent. What it still sends is read and forgotten for a moment, since a
  /// reset would destroy what is on the way to it.
  private mutating func part(_ slot: UInt32) {
    if connections[slot].state == .open {
      counters[.shutdown] += 1
      noteEnding(slot, .shutdown)
      // Not through the registry: everybody goes, so nobody is to be told.
      connections[slot].session.end()
      connections[slot].state = .ending
      dropInput(slot)
      forgetCongestion(slot)
      deadlines.liveness.set(slot, Deadlines.linger, since: now)
    }
    shutOutput(slot)
  }

  private mutating func endNow(_ slot: UInt32) {
    if connections[slot].state == .open {
      counters[.shutdown] += 1
      noteReason(slot, .shutdown)
    }
    connections[slot].session.end()
    _ = connections[slot].tls?.endOutput()
    Socket.endOutput(connections[slot].descriptor)
    close(slot)
  }

  private mutating func end() {
    acceptor.close(watchedBy: poller)
    for slot in connections.slots where connections[slot].state != .closed { endNow(slot) }
    drain.phase = .ended
  }
}
