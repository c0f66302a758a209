// What the user has chosen in `ssmp top`.

/// The choices, and what keys make of them.
struct TopState: Equatable, Sendable {
  /// Which tables are shown.
  enum Tables: CaseIterable, Sendable {
    case both, connections, topics
  }

  /// What has to be done outside of the state.
  enum Action: Equatable, Sendable {
    case none, quit, suspend, redraw
  }

  var order = ConnectionOrder.requests
  var topicOrder = TopicOrder.subscribers
  /// What the names that are shown begin with.
  var filter = ""
  /// The filter while it is typed.
  var input: String?
  var tables = Tables.both
  var isPaused = false
  var showsHelp = false

  /// The longest filter: a name has at most 64 bytes.
  private static let longestFilter = 64

  /// What the server is asked for.
  var query: TopQuery { TopQuery(prefix: filter, order: order, topicOrder: topicOrder) }

  /// Takes a key.
  mutating func press(_ key: TopKey) -> Action {
    switch key {
    case .interrupt: return .quit
    case .suspend: return .suspend
    case .redraw: return .redraw
    default: break
    }
    if input != nil {
      type(key)
      return .none
    }
    if showsHelp {
      showsHelp = false
      return key == .character("q") ? .quit : .none
    }
    return choose(key)
  }

  private mutating func type(_ key: TopKey) {
    switch key {
    // A blank ends no name: it would be another word of the command.
    case .character(let character) where character != " " && (input?.count ?? 0) < Self.longestFilter:
      input?.append(character)
    case .backspace: _ = input?.popLast()
    case .enter:
      filter = input ?? ""
      input = nil
    case .escape: input = nil
    default: break
    }
  }

  private mutating func choose(_ key: TopKey) -> Action {
    switch key {
    case .character("q"): return .quit
    case .character("?"), .character("h"): showsHelp = true
    case .character("/"): input = ""
    case .escape: filter = ""
    case .character(" "): isPaused.toggle()
    case .character("t"): tables = tables.moved(by: 1)
    case .character("<"), .left: order = order.moved(by: -1)
    case .character(">"), .right: order = order.moved(by: 1)
    case .character(let letter):
      if let chosen = ConnectionOrder.allCases.first(where: { $0.letter == letter }) { order = chosen }
      if let chosen = TopicOrder.allCases.first(where: { $0.letter == letter }) { topicOrder = chosen }
    default: break
    }
    return .none
  }
}
