// Which lines of a listing an operator wants, and in which order.

import CommandLineTools
import SSMPCore

/// The order of a listing.
protocol ListingOrder: RawRepresentable<String>, CaseIterable, Equatable, Sendable {
  associatedtype Item
  /// True when `one` comes before `other`: the larger figure first, names by their bytes.
  func isBefore(_ one: Item, _ other: Item) -> Bool
}

/// The operands of a listing: `[PREFIX] [sort=KEY] [limit=N]`.
struct Selection<Order: ListingOrder>: Equatable {
  var prefix: String = ""
  var order: Order?
  var limit: Int?

  /// What a sorted listing has to hold at once is limited; what is written as it is found is not.
  static var mostSorted: Int { 10_000 }

  /// The most lines.
  var most: Int { limit ?? (order == nil ? .max : Self.mostSorted) }

  init(prefix: String = "", order: Order? = nil, limit: Int? = nil) {
    self.prefix = prefix
    self.order = order
    self.limit = limit
  }

  init(_ operands: [String], _ usage: String) throws(AdminError) {
    var hasPrefix = false
    for operand in operands {
      if operand.hasPrefix("sort=") {
        let key = String(operand.dropFirst(5))
        guard order == nil, let known = Order(rawValue: key) else {
          let keys = Order.allCases.map(\.rawValue).joined(separator: ", ")
          throw AdminError("'\(operand.printable)' is no order; give one sort= of \(keys)")
        }
        order = known
      } else if operand.hasPrefix("limit=") {
        guard limit == nil, let number = Units.digits(operand.dropFirst(6)), number > 0 else {
          throw AdminError("'\(operand.printable)' is no limit; give one limit= with a number from 1")
        }
        limit = number
      } else {
        guard !hasPrefix else { throw AdminError("say \(usage)") }
        (hasPrefix, prefix) = (true, operand)
      }
    }
    if order != nil, let limit, limit > Self.mostSorted {
      throw AdminError("'limit=\(limit)' is no limit for what is sorted; give a number from 1 to \(Self.mostSorted)")
    }
  }
}

/// What is shown of a listing, while its items come.
struct SelectedItems<Order: ListingOrder> {
  private let order: Order?
  private let most: Int
  private var held: [Order.Item] = []
  private var shown = 0
  /// All that have come.
  private var matched = 0

  init(_ selection: Selection<Order>) {
    order = selection.order
    most = selection.most
  }

  /// True when nothing that comes can change anything any more.
  var isComplete: Bool { order == nil && matched > most }

  /// Takes the items of a piece, and returns those of them that are to be shown now.
  mutating func take(_ items: [Order.Item]) -> ArraySlice<Order.Item> {
    matched += items.count
    guard let order else {
      let room = items.prefix(most - shown)
      shown += room.count
      return room
    }
    held += items
    if held.count >= 2 * most { cut(order) }
    return []
  }

  /// The items that are to be shown in the end: all, where they are sorted.
  mutating func rest() -> [Order.Item] {
    guard let order else { return [] }
    cut(order)
    shown = held.count
    return held
  }

  private mutating func cut(_ order: Order) {
    held.sort { order.isBefore($0, $1) }
    held.removeLast(max(0, held.count - most))
  }

  /// The last line: how many were shown, and of how many.
  var summary: String {
    if order != nil { return "ok count=\(shown) matched=\(matched)" }
    return most == .max ? "ok count=\(shown)" : "ok count=\(shown) more=\(matched > shown)"
  }
}

/// The orders of `connections`.
enum ConnectionOrder: String, ListingOrder {
  case id, seconds, pending, subscriptions, requests
  case bytesIn = "bytes-in"
  case bytesOut = "bytes-out"

  func isBefore(_ one: ConnectionSummary, _ other: ConnectionSummary) -> Bool {
    switch self {
    case .id: (one.identifier ?? []).lexicographicallyPrecedes(other.identifier ?? [])
    case .seconds: one.seconds > other.seconds
    case .pending: one.pending > other.pending
    case .subscriptions: one.subscriptions > other.subscriptions
    case .requests: one.requests > other.requests
    case .bytesIn: one.bytesIn > other.bytesIn
    case .bytesOut: one.bytesOut > other.bytesOut
    }
  }
}

/// The orders of `topics`.
enum TopicOrder: String, ListingOrder {
  case topic, subscribers, watchers

  func isBefore(_ one: TopicSummary, _ other: TopicSummary) -> Bool {
    switch self {
    case .topic: one.name.lexicographicallyPrecedes(other.name)
    case .subscribers: one.subscribers > other.subscribers
    case .watchers: one.watchers > other.watchers
    }
  }
}
