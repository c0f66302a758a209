// Giving back memory that a flood has taken.

import SSMPCore
import SSMPTransport

/// What a loop knows of the memory that it has needed.
struct MemoryWatch {
  /// The most connections and pending bytes since memory was given back last.
  var peakConnections = 0
  var peakPending = 0
  /// When it was looked at last, and how many turns there had been.
  var lastLook = Ticks(0)
  var lastTurn: UInt64 = 0
  /// What is to be given back next, while that goes on.
  var next: Step?

  /// What is done in one turn.
  enum Step {
    case connections
    case table(Int)
    case admissions
  }
}

extension EventLoop {
  /// Has it looked, some time after something has happened, whether memory can be given back. A loop on which nothing
  /// happens is not woken for it.
  @inline(__always)
  mutating func noteMemory() {
    memory.peakConnections = max(memory.peakConnections, connections.count)
    memory.peakPending = max(memory.peakPending, counters.pending)
    if chores.isEmpty, counters.turns != memory.lastTurn { chores.plan(in: Tuning.memoryInterval, now: now) }
  }

  /// Looks whether memory can be given back, or goes on with that.
  mutating func tendMemory() {
    // What goes down soon gives everything back.
    guard drain == .running else { return }
    if memory.next != nil { return giveBackNext() }
    let passed = now.since(memory.lastLook)
    guard passed >= Tuning.memoryInterval else {
      return chores.plan(in: Tuning.memoryInterval - passed, now: now)
    }
    memory.lastLook = now
    // Nothing but this look has happened since the last one.
    let isIdle = counters.turns == memory.lastTurn + 1
    memory.lastTurn = counters.turns
    if hasFallen || hub.withRegistry({ $0.hasSlack() }) || connections.hasSlack() {
      memory.next = .connections
      giveBackNext()
    } else if !isIdle {
      chores.plan(in: Tuning.memoryInterval, now: now)
    }
  }

  /// True when much of what was needed is needed no more.
  private var hasFallen: Bool {
    let (most, pending) = (memory.peakConnections, memory.peakPending)
    return most - connections.count >= Tuning.fallenConnections && connections.count <= most / 2
      || pending - counters.pending >= Tuning.fallenPending && counters.pending <= pending / 2
  }

  private mutating func giveBackNext() {
    // While anything is under way, lists of the loop's hold slots.
    guard !hasDeliveries, !hasDepartures, queue.isEmpty, shaking.isEmpty, yielded.isEmpty else {
      return chores.plan(in: Tuning.memoryPause, now: now)
    }
    switch memory.next {
    case .connections:
      giveBackConnections()
      memory.next = .table(0)
    case .table(let number) where number < Registry.Table.allCases.count:
      if hub.withRegistry({ $0.giveBack(Registry.Table.allCases[number]) }) { memory.next = .table(number + 1) }
    case .table: memory.next = .admissions
    case .admissions:
      hub.admissions.giveBack()
      hub.giveBackMemory()
      memory.next = nil
      (memory.peakConnections, memory.peakPending) = (connections.count, counters.pending)
    case nil: break
    }
    memory.lastTurn = counters.turns
    chores.plan(in: memory.next == nil ? Tuning.memoryInterval : Tuning.memoryPause, now: now)
  }

  private mutating func giveBackConnections() {
    connections.giveBack()
    for chunk in 0..<connections.chunkCount where connections.isBlank(chunk: chunk) {
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
