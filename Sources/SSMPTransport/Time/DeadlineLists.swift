// Deadlines of a loop's connections, in constant time.

import Containers

/// Lists of slots in the order in which something began for them, one list for each kind of deadline.
///
/// A slot is in one list at most. Since a list is ordered by beginnings and not by ends, its time-out may change at any
/// moment, and whether one has passed is decided at the list's head alone: setting, clearing and expiring are O(1).
public struct DeadlineLists: ~Copyable {
  struct Link: BitwiseCopyable {
    var next: UInt32 = .max
    var previous: UInt32 = .max
    var since = Ticks(0)
    var kind: UInt8 = .max
  }

  private var links = ChunkedArray<Link>(filler: Link())
  private var heads = FlatArray<UInt32>()
  private var tails = FlatArray<UInt32>()

  /// Empty lists for kinds 0 to `kinds` - 1.
  public init(kinds: Int) {
    for _ in 0..<kinds {
      heads.append(.max)
      tails.append(.max)
    }
  }

  /// The kind of the list that `slot` is in, if it is in one.
  public func kind(of slot: UInt32) -> UInt8? {
    guard links.capacity > Int(slot), links[Int(slot)].kind != .max else { return nil }
    return links[Int(slot)].kind
  }

  /// When that began which `slot` is in a list for, if it is in one.
  public func beginning(of slot: UInt32) -> Ticks? {
    kind(of: slot) == nil ? nil : links[Int(slot)].since
  }

  /// Puts `slot` at the end of the list of `kind`, and notes that it began at `since`.
  public mutating func set(_ slot: UInt32, _ kind: UInt8, since: Ticks) {
    clear(slot)
    links.ensure(Int(slot))
    let last = tails[Int(kind)]
    links[Int(slot)] = Link(previous: last, since: since, kind: kind)
    if last == .max { heads[Int(kind)] = slot } else { links[Int(last)].next = slot }
    tails[Int(kind)] = slot
  }

  /// Notes that `slot`, in the list of `kind`, began anew at `now`, unless it did so within the last `resolution`
  /// milliseconds: busy connections must not be moved with every message.
  @inline(__always)
  public mutating func touch(_ slot: UInt32, _ kind: UInt8, now: Ticks, resolution: UInt32) {
    let link = links[Int(slot)]
    guard link.kind != kind || now.since(link.since) >= resolution else { return }
    set(slot, kind, since: now)
  }

  /// Takes `slot` out of its list, if it is in one.
  public mutating func clear(_ slot: UInt32) {
    guard let kind = kind(of: slot) else { return }
    let link = links[Int(slot)]
    if link.previous == .max { heads[Int(kind)] = link.next } else { links[Int(link.previous)].next = link.next }
    if link.next == .max { tails[Int(kind)] = link.previous } else { links[Int(link.next)].previous = link.previous }
    links[Int(slot)] = Link()
  }

  /// Gives back the memory of a chunk of slots that are not used, if none of them is in a list.
  public mutating func giveBack(chunk: Int) {
    let length = ChunkedArray<Link>.chunkLength
    guard links.capacity >= (chunk + 1) * length, !links.isBlank(chunk: chunk) else { return }
    for slot in chunk * length..<(chunk + 1) * length where links[slot].kind != .max { return }
    links.giveBack(chunk: chunk)
  }

  /// The first slot of `kind` if its time-out has passed. It stays in the list until it is set anew or cleared.
  public func expired(_ kind: UInt8, after timeout: UInt32, now: Ticks) -> UInt32? {
    let first = heads[Int(kind)]
    guard first != .max, now.since(links[Int(first)].since) >= timeout else { return nil }
    return first
  }

  /// The milliseconds until the first time-out of `kind` passes; `nil` when nothing is in the list.
  public func remaining(_ kind: UInt8, after timeout: UInt32, now: Ticks) -> UInt32? {
    let first = heads[Int(kind)]
    guard first != .max else { return nil }
    let passed = now.since(links[Int(first)].since)
    return passed >= timeout ? 0 : timeout - passed
  }
}
