// The stores of plain records.

import FuzzHarness
import Testing

@testable import Containers

@Suite("Slab, ChunkedArray, FlatArray")
struct ArrayTests {
  @Test("A slab keeps its records under their numbers, and reuses a freed number first")
  func slab() {
    var slab = Slab<UInt64>(filler: 9)
    let numbers = (0..<2000).map { slab.insert(UInt64($0)) }
    #expect(numbers == Array(0..<2000))
    slab.remove(1500)
    slab.remove(3)
    let count = slab.count
    let reused = [slab.insert(77), slab.insert(88), slab.insert(99)]
    let values = [slab[3], slab[1500], slab[2000], slab[1999]]
    let given = slab.numbersGiven
    #expect(count == 1998)
    #expect(reused == [3, 1500, 2000])
    #expect(values == [77, 88, 99, 1999])
    #expect(given == 2001)
  }

  @Test("A chunked array is filled, and its records never move")
  func chunked() {
    var array = ChunkedArray<UInt32>(filler: 5)
    let empty = array.capacity
    array.ensure(0)
    let first = unsafe array.address(0)
    array[0] = 1
    array.ensure(5000)
    let (capacity, filler, kept) = (array.capacity, array[4999], array[0])
    let stayed = unsafe array.address(0) == first
    #expect(empty == 0)
    #expect(capacity >= 5001 && capacity % 512 == 0)
    #expect(filler == 5)
    #expect(kept == 1)
    #expect(stayed)
  }

  @Test("Chunks that were given back read as at first, and have memory again when they are used again")
  func givenBack() {
    var array = ChunkedArray<UInt32>(filler: 5)
    array.ensure(2047)
    for index in 0..<2048 { array[index] = UInt32(index) }
    array.giveBack(chunk: 1)
    array.giveBack(chunk: 3)
    array.giveBack(chunk: 3)
    let held = array.chunksHeld
    let read = [array[511], array[512], array[1023], array[1024], array[1536], array[2047]]
    array.ensure(600)
    array[600] = 1
    let again = [array[600], array[601], array[1536]]
    let (capacity, heldAgain) = (array.capacity, array.chunksHeld)
    #expect(held == 2 && read == [511, 5, 5, 1024, 5, 5])
    #expect(again == [1, 5, 5] && capacity == 2048 && heldAgain == 3)
  }

  @Test("A slab gives back what a flood has taken, keeps what is in use, and gives the lowest numbers first")
  func slack() {
    var slab = Slab<UInt64>(filler: 9)
    let numbers = (0..<10_000).map { slab.insert(UInt64($0)) }
    let full = slab.records.chunksHeld
    for number in numbers where number != 7 && number != 6000 { slab.remove(number) }
    let hadSlack = slab.hasSlack()
    slab.giveBack()
    let (held, count, given) = (slab.records.chunksHeld, slab.count, slab.numbersGiven)
    let hasSlack = slab.hasSlack()
    let kept = [slab[7], slab[6000], slab[8000]]
    let reused = (0..<600).map { _ in slab.insert(1) }
    #expect(full == 20 && hadSlack && held == 2 && count == 2 && given == 6144)
    #expect(!hasSlack && kept == [7, 6000, 9])
    #expect(Set(reused).count == 600 && reused.prefix(511).allSatisfy { $0 < 512 && $0 != 7 })
    #expect(reused.dropFirst(511).allSatisfy { (512..<1024).contains($0) })
    let heldAgain = slab.records.chunksHeld
    #expect(heldAgain == 3)
  }

  @Test("Whatever is inserted, removed and given back, a slab has what a dictionary has", arguments: [1, 2, 3])
  func slabModel(_ seed: UInt64) {
    var chance = Chance(seed: seed)
    var slab = Slab<UInt64>(filler: .max)
    var model: [(number: UInt32, value: UInt64)] = []
    var serial: UInt64 = 0
    for _ in 0..<60 {
      let grows = chance.once(in: 2)
      for _ in 0..<chance.below(3000) {
        if grows || model.isEmpty {
          model.append((slab.insert(serial), serial))
          serial += 1
        } else {
          // Sometimes in order, so that whole chunks become free.
          let place = chance.once(in: 2) ? model.count - 1 : chance.below(model.count)
          model.swapAt(place, model.count - 1)
          slab.remove(model.removeLast().number)
        }
      }
      if chance.once(in: 2) { slab.giveBack() }
      let isSame = model.allSatisfy { slab[$0.number] == $0.value }
      let count = slab.count
      #expect(isSame && count == model.count && Set(model.map(\.number)).count == count)
    }
  }

  @Test("A flat array grows, gives elements back, and gives its memory back beyond a limit")
  func flat() {
    var array = FlatArray<UInt16>()
    let nothing = array.popLast()
    #expect(nothing == nil)
    for number in 0..<UInt16(1000) { array.append(number) }
    let same = (0..<1000).allSatisfy { array[$0] == UInt16($0) }
    let last = array.popLast()
    let (count, capacity) = (array.count, array.capacity)
    array.removeAll(keepingCapacityUpTo: capacity)
    let kept = (array.count, array.capacity)
    array.removeAll(keepingCapacityUpTo: capacity - 1)
    let released = (array.count, array.capacity)
    array.append(3)
    let again = (array.isEmpty, array.last)
    #expect(same)
    #expect(last == 999)
    #expect(count == 999 && capacity >= 1000)
    #expect(kept == (0, capacity))
    #expect(released == (0, 0))
    #expect(again == (false, 3))
  }
}
