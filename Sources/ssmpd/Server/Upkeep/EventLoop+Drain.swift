// Signals, and going down.

import Glibc
import SSMPCore
import SSMPTransport

/// How the server goes down; it can only become more urgent.
enum Haste: UInt8, Comparable {
  case none
  /// One connection after the other, spread over `--drain`.
  case spread
  /// All connections together, as soon as what is pending has been sent.
  case together
  /// Now, whatever is pending.
  case atOnce

  /// Its name in the log.
  var name: StaticString {
    switch self {
    case .none: "not"
    case .spread: "spread"
    case .together: "together"
    case .atOnce: "at-once"
    }
  }

  static func < (one: Haste, other: Haste) -> Bool { one.rawValue < other.rawValue }
}

/// How far a loop is on its way down.
enum DrainPhase: Equatable {
  case running
  /// One connection after the other leaves; the others are served as ever.
  case leaving(since: Ticks)
  /// No more requests are read; what the other loops still deliver is waited for.
  case quiet(since: Ticks)
  /// Pending output is being sent.
  case flushing(since: Ticks)
  /// Everything has been sent, and peers are given a moment to close their side.
  case parting(since: Ticks)
  case ended
}

extension EventLoop {
  mutating func handleSignals() {
    while let signal = signals?.next() {
      switch signal.number {
      case SIGTERM, SIGINT:
        let name = signal.number == SIGTERM ? "SIGTERM" : "SIGINT"
        // Whoever asks twice does not want to wait; and a person at a terminal does not want a spread.
        let first: Haste = signal.number == SIGTERM && settings.drain > 0 ? .spread : .together
        let haste = hub.haste > .none ? .atOnce : first
        hub.log.write(.notice, "server stop signal=\(name) how=\(haste.name)")
        hub.goDown(haste)
      case SIGHUP: hub.reload(askedBy: signal.sender)
      case SIGUSR1: hub.report()
      default: break
      }
    }
  }

  /// Goes down step by step: connections leave one after the other, as long as there is time for that; then every loop
  /// stops reading, and sends what is pending; then the others end in the same instant as far as anybody can tell, so that
  /// nobody is left who would have to be told.
  mutating func advanceDrain() {
    let haste = hub.haste
    guard haste > .none else { return }
    if haste == .atOnce { return end() }
    switch drain {
    case .running: beginDrain(haste)
    case .leaving(let since): letLeave(since: since)
    case .quiet(let since):
      let othersAreQuiet = hub.quiet.load(ordering: .sequentiallyConsistent) == hub.loops
      guard othersAreQuiet || now.since(since) >= Tuning.drainTime else { return }
      advanceDepartures()
      workOff()
      if !hasDeliveries || now.since(since) >= Tuning.drainTime { drain = .flushing(since: since) }
    case .flushing(let since): flushLast(since: since)
    case .parting(let since):
      if hub.admissions.count == 0 || now.since(since) >= Tuning.partingTime { end() }
    case .ended: break
    }
  }

  /// When going down has to be looked at again, in milliseconds.
  @inline(__always) func drainRemaining() -> UInt32? {
    drain == .running ? nil : 10
  }

  /// True when requests are served.
  var isServing: Bool {
    switch drain {
    case .running, .leaving: true
    case .quiet, .flushing, .parting, .ended: false
    }
  }

  private mutating func beginDrain(_ haste: Haste) {
    acceptor.close(watchedBy: poller)
    guard haste == .spread, settings.drain > 0 else { return becomeQuiet() }
    for slot in 0..<UInt32(connections.numbersGiven) where connections[slot].state == .open {
      // Whoever has not logged in waits for something that will not come; behind a reply that may be on its way.
      if connections[slot].session.phase == .loggedIn {
        leaving.append(slot)
      } else if connections[slot].flags.contains(.handshaking) {
        part(slot)
      } else {
        finish(slot, .shutdown)
      }
    }
    drain = .leaving(since: now)
    letLeave(since: now)
  }

  /// Lets those leave whose turn it is. They leave the registry as by any other end, so those who stay are told, in order,
  /// and everything that they see is true.
  ///
  /// In a topic of many who all watch it that is the square of their number. So nobody leaves while a loop has its hands
  /// full, and when the time is up the rest ends together, and is told nothing.
  private mutating func letLeave(since: Ticks) {
    let passed = now.since(since)
    let isOver = passed >= settings.drain
    let due = isOver ? leaving.count : min(leaving.count, leaving.count * Int(passed) / Int(settings.drain) + 1)
    let watch = Stopwatch()
    while left < due, watch.microseconds < Tuning.handshakeTime, !hub.withRegistry({ $0.hasFullLog }), !hasDepartures {
      let slot = leaving[left]
      left += 1
      // The slots of those who have left by themselves are given to nobody any more.
      if connections[slot].state == .open { finish(slot, .shutdown) }
    }
    if isOver || left == leaving.count || hub.admissions.count == 0 { becomeQuiet() }
  }

  private mutating func becomeQuiet() {
    for slot in 0..<UInt32(connections.numbersGiven) where connections[slot].state == .open {
      connections[slot].flags.insert(.held)
    }
    hub.quiet.add(1, ordering: .sequentiallyConsistent)
    wakes |= hub.allLoops
    drain = .quiet(since: now)
  }

  /// Sends what is pending; each connection of which everything has been sent ends.
  private mutating func flushLast(since: Ticks) {
    let isLate = now.since(since) >= Tuning.drainTime
    var isPending = false
    for slot in 0..<UInt32(connections.numbersGiven) {
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
    if !isPending { drain = .parting(since: now) }
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
    for slot in 0..<UInt32(connections.numbersGiven) where connections[slot].state != .closed { endNow(slot) }
    drain = .ended
  }
}
