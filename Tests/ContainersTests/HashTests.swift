// The hash of names, and the table behind it.

import Containers
import FuzzHarness
import Testing

@Suite("HashIndex")
struct HashIndexTests {
  @Test(
    "Insertions, removals and lookups give what a dictionary gives, however it grows", arguments: [UInt32.max, 0xff, 0])
  func model(_ mask: UInt32) {
    var chance = Chance(seed: 5)
    var index = HashIndex()
    var model: [UInt32: Set<UInt32>] = [:]
    var count = 0
    // With a mask, hashes collide; with 0 all of them do.
    let operations = mask == 0 ? 2000 : 20_000
    for value in 0..<UInt32(operations) {
      let hash = UInt32(truncatingIfNeeded: chance.next()) & mask
      index.insert(hash, value)
      model[hash, default: []].insert(value)
      count += 1
      if chance.once(in: 3), let victim = model.randomElement(using: &chance), let gone = victim.value.min() {
        index.remove(victim.key, gone)
        model[victim.key]?.remove(gone)
        if model[victim.key]?.isEmpty == true { model[victim.key] = nil }
        count -= 1
      }
    }
    let found = index.count
    #expect(found == count)
    for (hash, values) in model { #expect(lookUp(index, hash) == values.sorted()) }
    #expect(lookUp(index, 0x1234_5678).isEmpty == (model[0x1234_5678] == nil))
    for (hash, values) in model { for value in values { index.remove(hash, value) } }
    let left = index.count
    #expect(left == 0)
    #expect(model.keys.allSatisfy { lookUp(index, $0).isEmpty })
  }

  @Test(
    "What is left when memory has been given back is found, step by step, and the index grows again",
    arguments: [5, 4096])
  func givenBack(steps: Int) {
    var chance = Chance(seed: 6)
    var index = HashIndex()
    var values: [(hash: UInt32, value: UInt32)] = []
    func isWhole(_ index: borrowing HashIndex, _ values: [(hash: UInt32, value: UInt32)]) -> Bool {
      index.count == values.count && values.allSatisfy { lookUp(index, $0.hash).contains($0.value) }
    }
    for round in 0..<3 {
      for _ in 0..<20_000 {
        let value = (hash: UInt32(truncatingIfNeeded: chance.next()), value: UInt32(truncatingIfNeeded: chance.next()))
        index.insert(value.hash, value.value)
        values.append(value)
      }
      while values.count > 300 {
        let gone = values.removeLast()
        index.remove(gone.hash, gone.value)
      }
      let hadSlack = index.hasSlack()
      #expect(hadSlack, "round \(round)")
      var calls = 0
      while !index.giveBack(steps: steps) {
        calls += 1
        // What comes in between is found, too.
        if calls % 100 == 1 {
          let value = (hash: UInt32(truncatingIfNeeded: chance.next()), value: UInt32(calls))
          index.insert(value.hash, value.value)
          values.append(value)
        }
      }
      let (whole, hasSlack) = (isWhole(index, values), index.hasSlack())
      #expect(whole && !hasSlack && calls >= 19_000 / steps)
    }
    for value in values { index.remove(value.hash, value.value) }
    let left = index.count
    #expect(left == 0)
  }

  @Test("The same hash and value may be stored twice, and are removed one at a time")
  func twice() {
    var index = HashIndex()
    index.insert(7, 1)
    index.insert(7, 1)
    index.remove(7, 1)
    #expect(lookUp(index, 7) == [1])
  }

  private func lookUp(_ index: borrowing HashIndex, _ hash: UInt32) -> [UInt32] {
    var cursor = index.first(hash)
    var values: [UInt32] = []
    while let value = index.next(&cursor, hash) { values.append(value) }
    return values.sorted()
  }
}

@Suite("KeyedHash")
struct KeyedHashTests {
  private static let key: (UInt64, UInt64) = (0x9d3f_11c2_5b7a_e604, 0x51e0_ac9b_27d4_f38f)

  private func hash(_ text: String, _ key: (UInt64, UInt64) = Self.key) -> UInt32 {
    let bytes = Array(text.utf8)
    return KeyedHash(key: key)(bytes.span.bytes, 0..<bytes.count)
  }

  @Test("The hash depends on the bytes alone, not on where they are")
  func place() {
    let bytes = Array("xxalphabetical order".utf8)
    let inPlace = KeyedHash(key: Self.key)(bytes.span.bytes, 2..<bytes.count)
    #expect(inPlace == hash("alphabetical order"))
  }

  @Test("Each half of the key changes the hashes of most names")
  func keys() {
    let names = (0..<1000).map { "client-\($0)" }
    let other = names.count { hash($0) != hash($0, (Self.key.0 ^ 1 << 40, Self.key.1)) }
    let another = names.count { hash($0) != hash($0, (Self.key.0, Self.key.1 ^ 1 << 40)) }
    #expect(other > 990 && another > 990)
  }

  @Test("Names that differ in length or in any one byte have different hashes")
  func everyByte() {
    for length in 1...64 {
      var seen: Set<UInt32> = [hash(String(repeating: "a", count: length))]
      for place in 0..<length {
        var name = Array(repeating: Character("a"), count: length)
        name[place] = "b"
        seen.insert(hash(String(name)))
      }
      #expect(seen.count == length + 1, "\(length)")
    }
    #expect(Set((1...64).map { hash(String(repeating: "a", count: $0)) }).count == 64)
  }

  /// Under how many of 200 random keys 4,096 hashes leave more of 1,024 buckets empty, or put more into one, than random
  /// ones would: four each on average, one bucket in 50 empty, and none with 20.
  private func clusteringKeys(_ hashes: (KeyedHash) -> [UInt32]) -> Int {
    var chance = Chance(seed: 3)
    return (0..<200).count { _ in
      var buckets = [Int](repeating: 0, count: 1024)
      for hash in hashes(KeyedHash(key: (chance.next(), chance.next()))) { buckets[Int(hash & 1023)] += 1 }
      return buckets.count { $0 == 0 } > 60 || (buckets.max() ?? .max) >= 20
    }
  }

  @Test(
    "Sequential names spread over buckets as random ones would, under any key",
    arguments: ["", "user", "client-number-", "00000000000000"])
  func spread(_ prefix: String) {
    let names = (0..<4096).map { Array("\(prefix)\($0)".utf8) }
    #expect(clusteringKeys { hash in names.map { hash($0.span.bytes, 0..<$0.count) } } == 0)
  }

  @Test("Pairs of numbers spread, too, whichever of them counts up, under any key", arguments: [false, true])
  func pairs(flipped: Bool) {
    #expect(clusteringKeys { hash in (0..<4096).map { flipped ? hash($0, 3) : hash(3, $0) } } == 0)
  }

  @Test("The subscriptions of one large topic spread, even under a key with regular digits")
  func oneTopic() {
    let hash = KeyedHash(key: (0x1234_5678_9abc_def0, 0x0fed_cba9_8765_4321))
    let count = 1 << 18
    var buckets = [UInt16](repeating: 0, count: count)
    for client in 0..<UInt32(count) { buckets[Int(hash(client, 0)) & (count - 1)] += 1 }
    let longest = buckets.max() ?? .max
    // One in each bucket on average; random numbers come to lists of 8 or 9.
    #expect(longest < 14)
  }
}
