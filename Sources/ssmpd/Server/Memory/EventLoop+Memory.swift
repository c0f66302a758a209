// Giving back memory that a flood has taken.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Has it looked, some time after something has happened, whether memory can be given back. A loop on which nothing
  /// happens is not woken for it.
  @inline(__always)
  mutating func noteMemory() {
    memory.peaks.peakConnections = max(memory.peaks.peakConnections, connections.count)
    memory.peaks.peakPending = max(memory.peaks.peakPending, counters.pending)
    if upkeep.chores.isEmpty, counters.turns != memory.peaks.lastTurn {
      upkeep.chores.plan(in: Tuning.memoryInterval, now: now)
    }
  }

  /// Looks whether memory can be given back, or goes on with that.
  mutating func tendMemory() {
    // What goes down soon gives everything back.
    guard drain.phase == .running else { return }
    if memory.peaks.next != nil { return giveBackNext() }
    let passed = now.since(memory.peaks.lastLook)
    guard passed >= Tuning.memoryInterval else {
      return upkeep.chores.plan(in: Tuning.memoryInterval - passed, now: now)
    }
    memory.peaks.lastLook = now
    // Nothing but this look has happened since the last one.
    let isIdle = counters.turns == memory.peaks.lastTurn + 1
    memory.peaks.lastTurn = counters.turns
    if hasFallen || hub.withRegistry({ $0.hasSlack() }) || connections.hasSlack() {
      memory.peaks.next = .connections
      giveBackNext()
    } else if !isIdle {
      upkeep.chores.plan(in: Tuning.memoryInterval, now: now)
    }
  }

  /// True when much of what was needed is needed no more.
  private var hasFallen: Bool {
    let (most, pending) = (memory.peaks.peakConnections, memory.peaks.peakPending)
    return most - connections.count >= Tuning.fallenConnections && connections.count <= most / 2
      || pending - counters.pending >= Tuning.fallenPending && counters.pending <= pending / 2
  }

  private mutating func giveBackNext() {
    // While anything is under way, lists of the loop's hold slots.
    guard !hasDeliveries, !outbox.hasDepartures, intake.readable.isEmpty, tls.handshakes.isEmpty, intake.yielded.isEmpty
    else {
      return upkeep.chores.plan(in: Tuning.memoryPause, now: now)
    }
    switch memory.peaks.next {
    case .connections:
      giveBackConnections()
      memory.peaks.next = .table(0)
    case .table(let number) where number < Registry.Table.allCases.count:
      if hub.withRegistry({ $0.giveBack(Registry.Table.allCases[number]) }) { memory.peaks.next = .table(number + 1) }
    case .table: memory.peaks.next = .admissions
    case .admissions:
      hub.admissions.giveBack()
      hub.giveBackMemory()
      memory.peaks.next = nil
      (memory.peaks.peakConnections, memory.peaks.peakPending) = (connections.count, counters.pending)
    case nil: break
    }
    memory.peaks.lastTurn = counters.turns
    upkeep.chores.plan(in: memory.peaks.next == nil ? Tuning.memoryInterval : Tuning.memoryPause, now: now)
  }

  private mutating func giveBackConnections() {
    connections.giveBack { chunk in
      hub.withRegistry { $0.giveBackClients(of: index, chunk: chunk) }
      deadlines.giveBack(chunk: chunk)
    }
  }
}

extension Hub {
  /// Has the allocator return to the kernel what it keeps of memory that was freed, on a thread of its own: it takes as long
  /// as there are pieces.
  func giveBackMemory() {
    // Asked for once more meanwhile, it is done once more.
    guard memoryAsked.add(1, ordering: .sequentiallyConsistent).oldValue == 0 else { return }
    do throws(SystemError) {
      let thread = try Thread(named: "ssmpd/memory") { [self] in
        var done = 0
        repeat {
          done = memoryAsked.load(ordering: .sequentiallyConsistent)
          Memory.giveBack()
        } while memoryAsked.subtract(done, ordering: .sequentiallyConsistent).newValue > 0
      }
      thread.detach()
    } catch {
      memoryAsked.store(0, ordering: .sequentiallyConsistent)
    }
  }
}
