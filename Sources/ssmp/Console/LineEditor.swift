// The line that is being typed.

/// Edits a line, and keeps those before it. It knows nothing of the terminal.
struct LineEditor {
  /// What a key has brought about.
  enum Outcome: Equatable {
    /// The line may look different.
    case edited
    /// The line is complete, and the next one begins.
    case entered(String)
    /// Ctrl-C: the line is discarded; it was empty if `isEmpty`.
    case interrupted(isEmpty: Bool)
    case ended
    case suspended
    case cleared
  }

  private static let longestHistory = 500
  private(set) var text: [Character] = []
  /// How many characters are in front of the cursor.
  private(set) var cursor = 0
  private var history: [[Character]] = []
  /// The place in the history; behind its end is the line that is not entered yet, which is kept in `draft`.
  private var place = 0
  private var draft: [Character] = []

  /// Does what a key says.
  mutating func press(_ key: Key) -> Outcome {
    switch key {
    case .character(let scalar): insert(scalar)
    case .enter: return .entered(enter())
    case .backspace: if cursor > 0 { erase(cursor - 1..<cursor) }
    case .delete: if cursor < text.count { erase(cursor..<cursor + 1) }
    case .endOfInput:
      guard !text.isEmpty else { return .ended }
      return press(.delete)
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(text.count, cursor + 1)
    case .wordLeft: cursor = wordStart
    case .wordRight: cursor = wordEnd
    case .home: cursor = 0
    case .end: cursor = text.count
    case .up: recall(place - 1)
    case .down: recall(place + 1)
    case .eraseToStart: erase(0..<cursor)
    case .eraseToEnd: erase(cursor..<text.count)
    case .eraseWord: erase(wordStart..<cursor)
    case .clearScreen: return .cleared
    case .interrupt:
      defer { show([]) }
      place = history.count
      return .interrupted(isEmpty: text.isEmpty)
    case .suspend: return .suspended
    }
    return .edited
  }

  /// Inserts a scalar, which may belong to the character in front of the cursor.
  private mutating func insert(_ scalar: Unicode.Scalar) {
    if cursor > 0 {
      let joined = String(text[cursor - 1]) + String(scalar)
      if joined.count == 1, let character = joined.first {
        text[cursor - 1] = character
        return
      }
    }
    text.insert(Character(scalar), at: cursor)
    cursor += 1
  }

  private mutating func erase(_ range: Range<Int>) {
    text.removeSubrange(range)
    cursor = range.lowerBound
  }

  private mutating func enter() -> String {
    defer { show([]) }
    if !text.isEmpty, text != history.last { history.append(text) }
    if history.count > Self.longestHistory { history.removeFirst() }
    place = history.count
    return String(text)
  }

  private mutating func recall(_ index: Int) {
    guard (0...history.count).contains(index), index != place else { return }
    if place == history.count { draft = text }
    place = index
    show(index == history.count ? draft : history[index])
  }

  private mutating func show(_ line: [Character]) { (text, cursor) = (line, line.count) }

  private var wordStart: Int {
    var index = cursor
    while index > 0, text[index - 1] == " " { index -= 1 }
    while index > 0, text[index - 1] != " " { index -= 1 }
    return index
  }

  private var wordEnd: Int {
    var index = cursor
    while index < text.count, text[index] == " " { index += 1 }
    while index < text.count, text[index] != " " { index += 1 }
    return index
  }
}
