// Reading of files of vectors; Vectors/README.md describes the format.

import Foundation

/// The reader of one file.
struct VectorReader {
  private let file: URL
  private var vectors: [Vector] = []
  private var line = 0

  /// The vectors of a file, in order.
  static func read(_ file: URL) throws -> [Vector] {
    let text = try String(contentsOf: file, encoding: .utf8)
    var reader = VectorReader(file: file)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      reader.line += 1
      if line.isEmpty || line.hasPrefix("#") { continue }
      try reader.take(line)
    }
    for vector in reader.vectors where vector.citations.isEmpty || vector.steps.isEmpty {
      throw TestFailure("\(file.lastPathComponent):\(vector.line): a vector needs a clause and a dialogue")
    }
    return reader.vectors
  }

  private init(file: URL) {
    self.file = file
  }

  private mutating func take(_ text: Substring) throws {
    if let title = value(of: "vector", text) {
      vectors.append(Vector(file: file, line: line, title: title))
      return
    }
    guard let current = vectors.indices.last else { throw fault("no vector has begun") }
    if let clause = value(of: "clause", text) {
      vectors[current].citations.append(try clauseCitation(clause))
    } else if let number = value(of: "reading", text) {
      guard let number = Int(number) else { throw fault("a reading has a number") }
      vectors[current].citations.append(.reading(number))
    } else if let arguments = value(of: "server", text) {
      vectors[current].arguments = arguments.split(separator: " ").map(String.init)
    } else if let content = value(of: "secret", text) {
      vectors[current].secret = try unescaped(content)
    } else {
      try take(step: text, of: current)
    }
  }

  /// What follows `name:` when the line begins with it.
  private func value(of name: String, _ text: Substring) -> String? {
    text.hasPrefix("\(name): ") ? String(text.dropFirst(name.count + 2)) : nil
  }

  /// `NUMBER, SECTION: "SENTENCE"`
  private func clauseCitation(_ text: String) throws -> Citation {
    let parts = text.split(separator: ", ", maxSplits: 1)
    guard parts.count == 2, let number = Int(parts[0]) else { throw fault("a clause is NUMBER, SECTION: \"SENTENCE\"") }
    return .clause(number, text: String(parts[1]))
  }

  /// `CLIENT> BYTES`, `CLIENT< BYTES`, `CLIENT<* BYTES` or `CLIENT: WORD`
  private mutating func take(step text: Substring, of current: Int) throws {
    guard let mark = text.firstIndex(where: { "<>:".contains($0) }), mark > text.startIndex else {
      throw fault("'\(text)' is no line of a dialogue")
    }
    let client = String(text[..<mark])
    let rest = text[text.index(after: mark)...]
    guard rest.contains(" "), let start = rest.firstIndex(of: " ") else { throw fault("a space is missing") }
    let content = String(rest[rest.index(after: start)...])
    switch (text[mark], rest[..<start]) {
    case (">", ""): add(client, .send(try unescaped(content)), to: current)
    case ("<", ""): add(client, .expect(try unescaped(content)), to: current)
    case ("<", "*"): try addUnordered(client, content, to: current)
    case (":", ""): add(client, try action(content), to: current)
    default: throw fault("'\(text)' is no line of a dialogue")
    }
  }

  private func action(_ word: String) throws -> Vector.Action {
    switch word {
    case "closed": .expectEnd
    case "quiet": .expectQuiet
    case "end-output": .endOutput
    case "reset": .reset
    default: throw fault("'\(word)' is not something that a connection does")
    }
  }

  private mutating func add(_ client: String, _ action: Vector.Action, to current: Int) {
    vectors[current].steps.append(Vector.Step(client: client, action: action, line: line))
  }

  /// Neighbouring lines of one connection make one group.
  private mutating func addUnordered(_ client: String, _ content: String, to current: Int) throws {
    let bytes = try unescaped(content)
    guard let last = vectors[current].steps.indices.last, vectors[current].steps[last].client == client,
      case .expectInAnyOrder(let lines) = vectors[current].steps[last].action
    else { return add(client, .expectInAnyOrder([bytes]), to: current) }
    vectors[current].steps[last].action = .expectInAnyOrder(lines + [bytes])
  }

  private func unescaped(_ text: String) throws -> [UInt8] {
    guard let bytes = VectorText.bytes(text) else { throw fault("'\(text)' is not escaped as it should be") }
    return bytes
  }

  private func fault(_ what: String) -> TestFailure {
    TestFailure("\(file.lastPathComponent):\(line): \(what)")
  }
}
