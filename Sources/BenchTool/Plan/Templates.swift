// Requests that are ready but for their stamps.

import Containers
import Glibc
import SSMPCore

/// The beginnings of all requests that a loop sends, and their common end. Immutable once made.
struct Templates: ~Copyable {
  private static let stride = 96
  private var heads = FlatArray<UInt8>()
  private var lengths = FlatArray<UInt8>()
  private var tail = FlatArray<UInt8>()
  private let size: Int
  /// Where the templates of topics begin, and that of broadcasts; those of unicasts are the first, by recipient.
  let topics: Int
  let broadcast: Int
  /// The requests of a churner.
  let leave: String
  let join: String

  init(_ plan: Plan) {
    size = plan.options.size
    let unicasts = plan.reach > 0 ? plan.connections : 0
    topics = unicasts
    broadcast = unicasts + plan.topics
    leave = "UNSUBSCRIBE \(plan.topic(0))\n"
    join = "SUBSCRIBE \(plan.topic(0)) PRESENCE\n"
    for connection in 0..<unicasts { add("UCAST \(plan.name(connection)) ") }
    for topic in 0..<plan.topics { add("MCAST \(plan.topic(topic)) ") }
    add("BCAST ")
    for _ in Stamp.length..<max(size, Stamp.length) { tail.append(UInt8(ascii: "x")) }
    tail.append(UInt8(ascii: "\n"))
  }

  private mutating func add(_ text: String) {
    lengths.append(UInt8(text.utf8.count))
    for byte in text.utf8 { heads.append(byte) }
    for _ in text.utf8.count..<Self.stride { heads.append(0) }
  }

  /// Adds a request to `output`.
  @inline(__always)
  func write(_ number: Int, to output: inout FlatArray<UInt8>, sender: UInt32, counter: UInt32, time: UInt64) {
    let head = Int(lengths[number])
    let target = UnsafeMutableRawPointer(output.reserve(Self.stride + size + 1))
    guard let from = heads.base, let end = tail.base else { return }
    memcpy(target, from + number * Self.stride, Self.stride)
    Stamp.write(target + head, sender: sender, counter: counter, time: time)
    memcpy(target + head + Stamp.length, end, tail.count)
    output.commit(head + size + 1)
  }
}
