// The state of an event loop, part by part.

import SSMPTransport
import Testing

@testable import SSMPCore
@testable import ssmpd

@Suite("State of an event loop")
struct LoopStateTests {
  @Test("A slot is another connection's only after two more logs, and tokens of the one before are nobody's")
  func slots() {
    var table = ConnectionTable()
    var connection = Connection()
    connection.state = .open
    let first = table.insert(connection)
    let token = table.token(of: first)
    expect(table.slot(of: token) == first)
    table.retire(first)
    expect(table[first].state == .closed)
    expect(table.waitsForLog)
    // The log that was being filled when it closed.
    table.noteLog()
    expect(!table.waitsForLog)
    expect(table.insert(connection) != first)
    table.noteLog()
    let next = table.insert(connection)
    expect(next == first)
    expect(table.slot(of: token) == nil)
    expect(table.slot(of: table.token(of: next)) == next)
    expect(table.slots == 0..<2)
  }

  @Test("A connection that no log can refer to gives its slot back at once")
  func removal() {
    var table = ConnectionTable()
    let slot = table.insert(Connection())
    table.remove(slot)
    expect(table.count == 0)
    expect(table.insert(Connection()) == slot)
  }

  @Test("Memory of connections that have gone is given back by chunks, in which nobody is left")
  func memory() {
    var table = ConnectionTable()
    let slots = (0..<5000).map { _ in table.insert(Connection()) }
    for slot in slots { table.remove(slot) }
    expect(table.hasSlack())
    var chunks: [Int] = []
    table.giveBack { chunks.append($0) }
    expect(!chunks.isEmpty)
    expect(table.slots.isEmpty)
    expect(!table.hasSlack())
  }

  @Test("What a turn has no time for comes first in the next one, and before what was added meanwhile")
  func turns() {
    var list = TurnList<UInt32>(keepingCapacityUpTo: 16)
    for number in 0..<4 as Range<UInt32> { list.append(number) }
    list.begin()
    expect(list.isEmpty)
    expect((0..<list.count).map { list[$0] } == [0, 1, 2, 3])
    list.append(9)
    list.end(after: 3)
    expect(!list.isEmpty)
    list.begin()
    expect((0..<list.count).map { list[$0] } == [3, 9])
    list.end(after: 2)
    expect(list.isEmpty)
  }

  @Test("Settings are adopted after two more logs, or an empty one; those published meanwhile wait for as many again")
  func adoption() {
    var adoption = SettingsAdoption()
    adoption.notice(0)
    expect(!adoption.isWaiting)
    adoption.notice(1)
    expect(adoption.isWaiting)
    expect(!adoption.isDue)
    adoption.noteLog(isEmpty: false)
    expect(!adoption.isDue)
    adoption.notice(2)
    adoption.noteLog(isEmpty: false)
    expect(!adoption.isDue)
    adoption.noteLog(isEmpty: false)
    expect(adoption.isDue)
    adoption.end()
    expect(!adoption.isWaiting)
    adoption.notice(3)
    adoption.noteLog(isEmpty: true)
    expect(adoption.isDue)
  }

  @Test("Connections leave evenly over the time for that, the first at once, and all of them when it is over")
  func leaving() {
    var drain = Drain()
    expect(drain.due(after: 0, of: 1000) == 0)
    for slot in 0..<10 as Range<UInt32> { drain.leaving.append(slot) }
    expect(drain.due(after: 0, of: 1000) == 1)
    expect(drain.due(after: 500, of: 1000) == 6)
    expect(drain.due(after: 999, of: 1000) == 10)
    expect(drain.due(after: 1000, of: 1000) == 10)
    expect(drain.due(after: 0, of: 0) == 10)
  }

  @Test("The log is taken when something may be in it, and when what was for many has been sent")
  func duty() {
    var outbox = Outbox()
    _ = outbox.beginTake()
    outbox.note(outlook(staged: 0))
    expect(!outbox.hasWork)
    outbox.note(outlook(staged: 8))
    expect(outbox.mustTake)
    _ = outbox.beginTake()
    outbox.note(outlook(staged: 0))
    expect(!outbox.mustTake)
    outbox.noteWake()
    expect(outbox.mustTake)
    // Staged for when there is time: the registry is told that the loop is busy, and again when it is not.
    var staged = StagedOutput()
    let word: StaticString = "word"
    outbox.stage.add(word.utf8Start, 4, to: &staged, of: 7, isUrgent: false)
    expect(outbox.beginTake())
    outbox.note(outlook(staged: 0))
    expect(!outbox.mustTake)
    expect(outbox.hasWork)
    expect(outbox.stage.takeOther() == 7)
    expect(outbox.mustTake)
    expect(!outbox.beginTake())
  }

  @Test("Loops to be woken add up until they are")
  func wakes() {
    var outbox = Outbox()
    outbox.note(outlook(staged: 0, woken: 1))
    outbox.note(outlook(staged: 0, woken: 4))
    expect(outbox.takeWakes() == 5)
    expect(outbox.takeWakes() == 0)
  }

  /// What `#expect` is for values that cannot be copied.
  private func expect(_ condition: Bool, at place: SourceLocation = #_sourceLocation) {
    #expect(condition, sourceLocation: place)
  }

  private func outlook(staged: Int, woken: UInt64 = 0) -> Outlook {
    Outlook(
      woken: woken, staged: staged, isLarge: false, hasDepartures: false, isShared: false, steps: 0,
      subscriptionsRefused: 0, accessRefused: 0)
  }
}
