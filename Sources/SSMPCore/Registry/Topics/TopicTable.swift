// The topics.

import Containers

/// The topics that have subscribers, by number and by name.
struct TopicTable: ~Copyable {
  private var topics = Slab<Topic>(filler: Topic())
  /// Numbers by the hash of the topic's name.
  var index = HashIndex()

  deinit {
    // Topics own memory of their own; the rest goes with its table.
    for number in 0..<UInt32(topics.numbersGiven) {
      let topic = unsafe topics.address(number)
      unsafe topic.pointee.members.release()
      unsafe topic.pointee.watchers.release()
    }
  }

  /// A topic, in place.
  subscript(number: UInt32) -> Topic {
    @inline(__always) unsafeAddress { unsafe UnsafePointer(topics.address(number)) }
    @inline(__always) mutating unsafeMutableAddress { unsafe topics.address(number) }
  }

  var count: Int { topics.count }
  var numbersGiven: Int { topics.numbersGiven }

  /// Adds a topic; returns its number.
  mutating func insert(_ topic: Topic) -> UInt32 {
    let number = topics.insert(topic)
    index.insert(topic.hash, number)
    return number
  }

  /// Removes a topic that has no members any more.
  mutating func remove(_ number: UInt32) {
    index.remove(topics[number].hash, number)
    topics.remove(number)
  }

  mutating func hasSlack() -> Bool { topics.hasSlack() || index.hasSlack() }
  mutating func giveBack() { topics.giveBack() }
}
