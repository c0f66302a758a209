// What connections are to be sent.

import SSMPCore
import FuzzHarness
import Testing

@testable import SSMPTransport

@Suite("Output stage")
struct OutputStageTests {
  /// Memory of which ranges are staged.
  private final class Memory {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ count: Int) {
      bytes = .allocate(byteCount: count, alignment: 1)
      for index in 0..<count { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    }

    deinit { bytes.deallocate() }

    func address(_ offset: Int) -> UnsafeRawPointer { UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + offset) }
  }

  @Test("Without output there is nothing to gather, and no slot")
  func nothing() {
    var stage = OutputStage()
    #expect(StagedOutput().isEmpty)
    #expect(stage.gather(StagedOutput()).count == 0)
    #expect(stage.byteCount(StagedOutput()) == 0)
    #expect(stage.urgentCount == 0 && !stage.hasOthers)
    #expect(stage.takeOther() == nil)
  }

  @Test("Ranges that touch become one, and are sent from where they stand")
  func merging() {
    let memory = Memory(100)
    var stage = OutputStage()
    var output = StagedOutput()
    for offset in stride(from: 20, to: 80, by: 10) { stage.add(memory.address(offset), 10, to: &output, of: 5) }
    let bytes = stage.gather(output)
    #expect(bytes.baseAddress == memory.address(20))
    #expect(bytes.count == 60)
    #expect(stage.urgentCount == 1 && stage.urgentSlot(0) == 5)
  }

  @Test("Ranges that do not touch are gathered in the order in which they were added")
  func gathering() {
    let memory = Memory(100)
    var stage = OutputStage()
    var output = StagedOutput()
    let ranges = [50..<60, 0..<10, 10..<20, 60..<61, 59..<60, 59..<60]
    for range in ranges { stage.add(memory.address(range.lowerBound), range.count, to: &output, of: 5) }
    #expect(stage.byteCount(output) == 33)
    #expect(Array(stage.gather(output)) == ranges.flatMap { Array(memory.bytes[$0]) })
  }

  @Test("The same range added twice is sent twice")
  func twice() {
    let memory = Memory(10)
    var stage = OutputStage()
    var output = StagedOutput()
    stage.add(memory.address(0), 5, to: &output, of: 0)
    stage.add(memory.address(0), 5, to: &output, of: 0)
    #expect(Array(stage.gather(output)) == Array(memory.bytes[0..<5]) + Array(memory.bytes[0..<5]))
  }

  @Test("The outputs of several slots do not mix, and each slot is listed once, in the order of its first output")
  func severalSlots() {
    let memory = Memory(100)
    var stage = OutputStage()
    var first = StagedOutput()
    var second = StagedOutput()
    stage.add(memory.address(0), 10, to: &first, of: 9)
    stage.add(memory.address(10), 10, to: &second, of: 4)
    stage.add(memory.address(20), 10, to: &first, of: 9)
    stage.add(memory.address(20), 10, to: &second, of: 4)
    #expect(Array(stage.gather(first)) == Array(memory.bytes[0..<10]) + Array(memory.bytes[20..<30]))
    #expect(Array(stage.gather(second)) == Array(memory.bytes[10..<30]))
    #expect((0..<stage.urgentCount).map { stage.urgentSlot($0) } == [9, 4])
  }

  @Test("Memory of segments is used again, also while others are staged")
  func reuse() {
    let memory = Memory(30)
    var stage = OutputStage()
    var waiting = StagedOutput()
    stage.add(memory.address(0), 1, to: &waiting, of: 7, isUrgent: false)
    for round in 0..<100 {
      var output = StagedOutput()
      stage.add(memory.address(10), 5, to: &output, of: 1)
      stage.add(memory.address(20), 5, to: &output, of: 1)
      #expect(Array(stage.gather(output)) == Array(memory.bytes[10..<15]) + Array(memory.bytes[20..<25]))
      stage.release(&output)
      #expect(output.isEmpty)
      stage.clearUrgent()
      #expect(stage.segments.count == 3, "round \(round)")
    }
    #expect(stage.takeOther() == 7)
    #expect(Array(stage.gather(waiting)) == Array(memory.bytes[0..<1]))
    stage.release(&waiting)
    stage.recycle()
    #expect(stage.segments.count == 0)
  }

  @Test("Output that can wait is sent with output that cannot, in order, when some comes for the same connection")
  func hurry() {
    let memory = Memory(30)
    var stage = OutputStage()
    var output = StagedOutput()
    stage.add(memory.address(10), 5, to: &output, of: 3, isUrgent: false)
    #expect(stage.urgentCount == 0 && stage.end == 1)
    stage.add(memory.address(0), 5, to: &output, of: 3)
    stage.add(memory.address(20), 5, to: &output, of: 3)
    #expect(stage.urgentCount == 1)
    #expect(
      Array(stage.gather(output)) == Array(memory.bytes[10..<15]) + Array(memory.bytes[0..<5])
        + Array(memory.bytes[20..<25]))
    stage.release(&output)
    stage.clearUrgent()
    // It is still listed among the others, with nothing left.
    #expect(stage.takeOther() == 3)
    #expect(stage.place == 1 && stage.end == 1)
  }

  @Test("Random ranges for many slots come out as arrays have them, whichever list they are in", arguments: 1...8)
  func model(seed: UInt64) {
    let memory = Memory(5000)
    var random = Chance(seed: seed)
    var stage = OutputStage()
    var outputs = [StagedOutput](repeating: StagedOutput(), count: 30)
    var model = [[UInt8]](repeating: [], count: 30)
    func flush(_ slot: Int) {
      #expect(stage.gather(outputs[slot]).elementsEqual(model[slot]))
      #expect(stage.byteCount(outputs[slot]) == model[slot].count)
      stage.release(&outputs[slot])
      model[slot] = []
    }
    for round in 0..<200 {
      var last = [Int](repeating: 0, count: 30)
      for _ in 0..<Int.random(in: 1...100, using: &random) {
        let slot = Int.random(in: 0..<30, using: &random)
        let count = Int.random(in: 1...100, using: &random)
        let follows = Bool.random(using: &random) && last[slot] + count <= 5000
        let start = follows ? last[slot] : Int.random(in: 0...(5000 - count), using: &random)
        let isUrgent = Int.random(in: 0..<4, using: &random) == 0
        stage.add(memory.address(start), count, to: &outputs[slot], of: UInt32(slot), isUrgent: isUrgent)
        model[slot] += memory.bytes[start..<start + count]
        last[slot] = start + count
      }
      for number in 0..<stage.urgentCount { flush(Int(stage.urgentSlot(number))) }
      stage.clearUrgent()
      let end = stage.end
      // Now and then all of it, else a few.
      var few = round % 10 == 9 ? .max : Int.random(in: 0...8, using: &random)
      while few > 0, let slot = stage.takeOther() {
        flush(Int(slot))
        few -= 1
      }
      stage.recycle()
      // When the list has come to its end of a moment ago, nothing from before is left.
      if stage.place >= end { #expect(!outputs.contains { !$0.isEmpty }) }
    }
  }
}
