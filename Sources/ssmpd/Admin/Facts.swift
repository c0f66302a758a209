// What operators are told, as keys and values.

import CommandLineTools

/// A key and its value.
struct Fact: Equatable {
  /// What a key can say.
  enum Value: Equatable {
    /// A number, as it is written.
    case number(String)
    case flag(Bool)
    case text(String)
  }

  let key: String
  let value: Value

  init(_ key: String, _ number: some BinaryInteger) { self.init(key, .number("\(number)")) }
  init(_ key: String, _ flag: Bool) { self.init(key, .flag(flag)) }
  init(_ key: String, _ text: String) { self.init(key, .text(text)) }
  /// A duration in seconds, exact to a millisecond.
  init(_ key: String, seconds nanoseconds: UInt64) {
    self.init(key, .number(MetricsText.seconds(nanoseconds: nanoseconds / 1_000_000 * 1_000_000)))
  }

  private init(_ key: String, _ value: Value) {
    self.key = key
    self.value = value
  }

  /// `key=value`, for lines of the admin socket and of the log.
  var text: String {
    switch value {
    case .number(let number): "\(key)=\(number)"
    case .flag(let flag): "\(key)=\(flag)"
    case .text(let text): "\(key)=\(text.logged)"
    }
  }
}

/// A line of facts about one subject.
struct FactLine: Equatable {
  /// What they are about; several lines of one subject are about several things of a kind.
  let subject: String
  let facts: [Fact]

  init(_ subject: String, _ facts: [Fact]) {
    self.subject = subject
    self.facts = facts
  }

  var text: String { facts.map(\.text).joined(separator: " ") }
}

extension JSON {
  /// The facts of a line as an object.
  static func object(_ line: FactLine) -> String {
    object(
      line.facts.map { fact in
        switch fact.value {
        case .number(let number): (fact.key, number)
        case .flag(let flag): (fact.key, "\(flag)")
        case .text(let text): (fact.key, string(text))
        }
      })
  }
}
