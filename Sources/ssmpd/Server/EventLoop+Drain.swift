// Signals, and going down.

import Glibc
import SSMPCore
import SSMPTransport

/// How far a loop is on its way down.
enum DrainPhase: Equatable {
  case running
  /// No more requests are read; what the other loops still deliver is waited for.
  case quiet(since: Ticks)
  /// Pending output is being sent.
  case flushing(since: Ticks)
  case ended
}

extension EventLoop {
  mutating func handleSignals() {
    while let signal = signals?.next() {
      switch signal {
      case SIGTERM, SIGINT:
        hub.log.write(.notice, "server stop signal=\(signal == SIGTERM ? "SIGTERM" : "SIGINT")")
        hub.isDraining.store(true, ordering: .sequentiallyConsistent)
        wakes |= hub.allLoops
      case SIGHUP: hub.reload()
      case SIGUSR1: hub.report()
      default: break
      }
    }
  }

  /// Goes down step by step: first every loop stops reading, then each sends what is pending, then connections end, all
  /// in the same instant as far as anybody can tell, so that nobody is left who would have to be told.
  mutating func advanceDrain() {
    switch drain {
    case .running:
      guard hub.isDraining.load(ordering: .sequentiallyConsistent) else { return }
      acceptor.close()
      for slot in 0..<UInt32(connections.numbersGiven) where connections[slot].state == .open {
        connections[slot].flags.insert(.held)
      }
      hub.quiet.add(1, ordering: .sequentiallyConsistent)
      wakes |= hub.allLoops
      drain = .quiet(since: now)
    case .quiet(let since):
      let othersAreQuiet = hub.quiet.load(ordering: .sequentiallyConsistent) == hub.loops
      guard othersAreQuiet || now.since(since) >= Tuning.drainTime else { return }
      workOff()
      if !hasDeliveries || now.since(since) >= Tuning.drainTime { drain = .flushing(since: since) }
    case .flushing(let since):
      let isLate = now.since(since) >= Tuning.drainTime
      for slot in 0..<UInt32(connections.numbersGiven) where connections[slot].state != .closed {
        if isLate || connections[slot].backlog.isEmpty { end(slot) }
      }
      if counters.pending == 0 || isLate { drain = .ended }
    case .ended: break
    }
  }

  /// When going down has to be looked at again, in milliseconds.
  func drainRemaining() -> UInt32? {
    drain == .running ? nil : 10
  }

  private mutating func end(_ slot: UInt32) {
    if connections[slot].state == .open { counters[.shutdown] += 1 }
    // Not through the registry: everybody goes, so nobody is to be told.
    connections[slot].session.end()
    _ = connections[slot].tls?.endOutput()
    Socket.endOutput(connections[slot].descriptor)
    close(slot)
  }
}
