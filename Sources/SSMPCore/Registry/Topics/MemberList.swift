// The members of one topic.

import Containers
import Glibc

/// One member: its connection, and the number of its subscription.
struct Member: BitwiseCopyable {
  var client: ClientID
  var subscription: UInt32
}

/// A list of members in which the last one takes the place of one that is removed, so that leaving costs the same
/// however many there are.
///
/// Most topics of most appliances have one member: that one is kept in the list's own 16 bytes.
///
/// Invariants: with `capacity` 0 there is at most one member, and `bits` holds it; otherwise `bits` is the address of
/// `capacity` members' worth of memory, `count` of them initialized, which belongs to this value alone. The owner calls
/// `release` once, when the list is no longer used.
@safe
struct MemberList: BitwiseCopyable {
  private var bits: UInt64 = 0
  private(set) var count: UInt32 = 0
  private var capacity: UInt32 = 0

  private var storage: UnsafeMutablePointer<Member>? {
    unsafe UnsafeMutablePointer(bitPattern: UInt(bits))
  }

  subscript(place: UInt32) -> Member {
    precondition(place < count)
    if capacity == 0 { return unsafe unsafeBitCast(bits, to: Member.self) }
    return unsafe storage.unsafelyUnwrapped[Int(place)]
  }

  /// Adds a member and returns its place.
  mutating func append(_ member: Member) -> UInt32 {
    if count == max(capacity, 1) { resize(to: max(capacity * 2, 4)) }
    if capacity == 0 {
      unsafe bits = unsafeBitCast(member, to: UInt64.self)
    } else {
      unsafe storage.unsafelyUnwrapped[Int(count)] = member
    }
    count += 1
    return count - 1
  }

  /// Removes the member at `place`; returns the one that took its place, if there was another behind it.
  mutating func remove(at place: UInt32) -> Member? {
    precondition(place < count)
    let last = self[count - 1]
    count -= 1
    let moved = place < count
    if moved { unsafe storage.unsafelyUnwrapped[Int(place)] = last }
    if count == 0 {
      release()
    } else if capacity > 16, count < capacity / 4 {
      resize(to: capacity / 2)
    }
    return moved ? last : nil
  }

  /// Gives the memory back.
  mutating func release() {
    if capacity > 0 { unsafe free(storage) }
    self = MemberList()
  }

  private mutating func resize(to wanted: UInt32) {
    let first = capacity == 0 && count == 1 ? self[0] : nil
    let old = capacity == 0 ? nil : unsafe storage
    guard let memory = unsafe realloc(old, Int(wanted) * MemoryLayout<Member>.stride) else { outOfMemory() }
    let moved = unsafe memory.bindMemory(to: Member.self, capacity: Int(wanted))
    if let first { unsafe moved[0] = first }
    bits = UInt64(UInt(bitPattern: moved))
    capacity = wanted
  }
}
