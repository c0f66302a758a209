// Events that have come and have not been taken.

import SSMPTransport

/// How a queue ends, once all that waits has been taken.
enum QueueEnding {
  case finished
  case failed(SSMPError)
}

/// What became of events that were added to a queue.
enum QueueAddition {
  case taken
  /// There is no room for more: reading should pause.
  case full
  /// The queue has ended with `SSMPError.overflow`.
  case overflowed
}

/// A bounded queue between the I/O thread, which adds, and a task, which takes.
///
/// Events count until the task comes back for the next ones: what it has in hand is as good as waiting.
final class EventQueue<Event: BufferedEvent>: @unchecked Sendable {
  // Safe to share: all below `lock` is used under it.
  private let buffering: Buffering
  private let lock = Lock()
  private var waiting: [Event] = []
  private var inHand = 0
  private var dropped = 0
  /// How many readers take events. Without any the oldest are dropped: nothing would make room.
  private var readers: Int
  private var takers: [SuspendedTask<Void>] = []
  private var ending: QueueEnding?
  /// True when adding has found the queue full, and the I/O thread waits to be told of room.
  private var owesRoom = false

  init(_ buffering: Buffering, isAttached: Bool = true) {
    self.buffering = buffering
    readers = isAttached ? 1 : 0
  }

  /// Notes that a reader begins, or ends; true if the I/O thread waits to be told of room, which there is without readers.
  func attach(_ begins: Bool) -> Bool {
    lock.withLock {
      readers += begins ? 1 : -1
      guard readers == 0, owesRoom else { return false }
      owesRoom = false
      return true
    }
  }

  /// Takes back, in front of all others, events that a reader had in hand when it ended.
  func putBack(_ events: ArraySlice<Event>) {
    wakeAll {
      inHand = 0
      waiting.insert(contentsOf: events, at: 0)
    }
  }

  /// True if as many events wait as may.
  var isFull: Bool { lock.withLock { waiting.count + inHand >= buffering.limit } }

  /// Adds events, and wakes the task that waits for them.
  ///
  /// - Parameter mayOverflow: true if the events were read though there was no room, since a response was owed: how many there may
  ///   be is limited then. Otherwise there are no more than one read brings.
  func add(_ events: [Event], mayOverflow: Bool = false) -> QueueAddition {
    var events = events
    return add(moving: &events, mayOverflow: mayOverflow)
  }

  /// The same for events that the caller does not need any more: what is left of the array is empty.
  func add(moving events: inout [Event], mayOverflow: Bool) -> QueueAddition {
    var resumed: [SuspendedTask<Void>] = []
    let added: QueueAddition = lock.withLock {
      guard ending == nil else {
        events.removeAll(keepingCapacity: true)
        return .taken
      }
      if waiting.isEmpty { swap(&waiting, &events) } else { waiting += events }
      events.removeAll(keepingCapacity: true)
      let added = judge(mayOverflow)
      swap(&resumed, &takers)
      return added
    }
    for task in resumed { task.resume() }
    return added
  }

  /// Applies the limit.
  private func judge(_ mayOverflow: Bool) -> QueueAddition {
    let count = waiting.count + inHand
    guard count >= buffering.limit else { return .taken }
    switch readers > 0 ? buffering : .dropOldest(limit: buffering.limit) {
    case .suspend(let limit):
      guard !mayOverflow || count < 4 * max(1, limit) else { return overflow() }
      owesRoom = true
      return .full
    case .dropOldest:
      let surplus = count - buffering.limit
      guard surplus > 0 else { return .taken }
      // What stays is moved once for each read, however many events that has brought.
      let gone = min(surplus, waiting.count)
      waiting.removeFirst(gone)
      dropped += gone
      return .taken
    case .fail: return count > buffering.limit ? overflow() : .taken
    }
  }

  private func overflow() -> QueueAddition {
    ending = .failed(.overflow)
    return .overflowed
  }

  /// Ends the queue: what waits can still be taken.
  func end(_ ending: QueueEnding) {
    wakeAll { if self.ending == nil { self.ending = ending } }
  }

  private func wakeAll(_ body: () -> Void = {}) {
    var resumed: [SuspendedTask<Void>] = []
    lock.withLock {
      body()
      swap(&resumed, &takers)
    }
    for task in resumed { task.resume() }
  }

  /// True if nothing can be added any more.
  var hasEnded: Bool { lock.withLock { ending != nil } }

  /// What a task gets that asks for events.
  enum Taken {
    /// Events, at least one.
    case events([Event])
    case nothingYet
    case ended(SSMPError?)
  }

  /// Takes up to half of what may wait, so that more can come while the task is at it.
  ///
  /// - Parameter room: is set if the I/O thread waits to be told that there is room.
  func take(_ room: inout Bool) -> Taken {
    lock.withLock {
      inHand = 0
      room = owesRoom && waiting.count < buffering.limit
      if room { owesRoom = false }
      var events: [Event] = []
      if dropped > 0, let notice = Event.dropped(dropped) { events.append(notice) }
      dropped = 0
      let portion = max(1, buffering.limit / 2)
      if waiting.count <= portion {
        if events.isEmpty { swap(&events, &waiting) } else { events += waiting }
        waiting.removeAll()
      } else {
        events += waiting[..<portion]
        waiting.removeFirst(portion)
      }
      guard events.isEmpty else {
        inHand = events.count
        return .events(events)
      }
      switch ending {
      case nil: return .nothingYet
      case .finished: return .ended(nil)
      case .failed(let error): return .ended(error)
      }
    }
  }

  /// Waits until there may be something to take, or the task is cancelled.
  ///
  /// Several tasks may wait. All of them look when something comes.
  func wait(isolation: isolated (any Actor)?) async {
    await withTaskCancellationHandler {
      await SuspendedTask<Void>.wait(isolation: isolation) { task in
        let goesOn = lock.withLock {
          guard waiting.isEmpty, dropped == 0, ending == nil, !Task.isCancelled else { return true }
          takers.append(task)
          return false
        }
        if goesOn { task.resume() }
      }
    } onCancel: {
      // Which of them is cancelled, they find out.
      wakeAll()
    }
  }
}

/// One task's way through a queue.
struct QueueReader<Event: BufferedEvent> {
  let queue: EventQueue<Event>
  /// Called when there is room again, while the I/O thread waits for that.
  let hasRoom: @Sendable () -> Void
  private let hand: Hand

  /// The events that were taken from the queue together. Those that the reader has not given when it ends go back.
  private final class Hand {
    let queue: EventQueue<Event>
    var events: [Event] = []
    var index = 0

    init(_ queue: EventQueue<Event>) {
      self.queue = queue
    }

    deinit {
      if index < events.count { queue.putBack(events[index...]) }
    }
  }

  init(_ queue: EventQueue<Event>, hasRoom: @escaping @Sendable () -> Void) {
    self.queue = queue
    self.hasRoom = hasRoom
    hand = Hand(queue)
  }

  /// The next event; `nil` at the end, and when the task is cancelled.
  mutating func next(isolation: isolated (any Actor)?) async throws(SSMPError) -> Event? {
    if let event = ready() { return event }
    return try await more(isolation: isolation)
  }

  /// The next event, if it is in hand. It waits for nothing, so a sequence that asks for this first costs little.
  @inline(__always)
  mutating func ready() -> Event? {
    let index = hand.index
    guard index < hand.events.count, !Task.isCancelled else { return nil }
    hand.index = index + 1
    return hand.events[index]
  }

  /// The next event, which is not in hand.
  mutating func more(isolation: isolated (any Actor)?) async throws(SSMPError) -> Event? {
    // What a cancelled task has in hand goes back.
    guard !Task.isCancelled else { return nil }
    hand.events = []
    hand.index = 0
    while !Task.isCancelled {
      var room = false
      let taken = queue.take(&room)
      if room { hasRoom() }
      switch taken {
      case .events(let new):
        hand.events = new
        hand.index = 1
        return new[0]
      case .ended(nil): return nil
      case .ended(let error?): throw error
      case .nothingYet: await queue.wait(isolation: isolation)
      }
    }
    return nil
  }
}
