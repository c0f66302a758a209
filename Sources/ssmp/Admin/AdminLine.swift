// Lines of keys and values, as the admin socket writes them.

import CommandLineTools

/// A line `key=value key="quoted value"`.
struct AdminLine: Equatable {
  /// A key and its value.
  struct Field: Equatable {
    let key: String
    /// The value, without the quotes and escapes that it was written with.
    let value: [UInt8]
    let isQuoted: Bool

    /// The value, made harmless: a value that is no text has its bytes as `\xHH`.
    var text: String { EventPrinter.guarded(value) }
  }

  private(set) var fields: [Field] = []

  /// Reads a line. A word without `=` is a key with an empty value.
  init(_ line: some Collection<UInt8>) {
    var rest = Array(line)[...]
    while true {
      rest = rest.drop { $0 == UInt8(ascii: " ") }
      guard !rest.isEmpty else { return }
      let key = rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: " ") }
      rest = rest[key.endIndex...]
      guard rest.first == UInt8(ascii: "=") else {
        add(key, [], isQuoted: true)
        continue
      }
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "\"") {
        add(key, Self.quoted(&rest), isQuoted: true)
      } else {
        let value = rest.prefix { $0 != UInt8(ascii: " ") }
        rest = rest[value.endIndex...]
        add(key, Array(value), isQuoted: false)
      }
    }
  }

  /// The value of a key, made harmless.
  subscript(key: String) -> String? { fields.first { $0.key == key }?.text }

  /// The value of a key that is a whole number.
  func number(_ key: String) -> Int? { self[key].flatMap { Units.digits($0) } }

  private mutating func add(_ key: ArraySlice<UInt8>, _ value: [UInt8], isQuoted: Bool) {
    fields.append(Field(key: EventPrinter.guarded(Array(key)), value: value, isQuoted: isQuoted))
  }

  /// Takes a quoted value off, with both quotes.
  private static func quoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
    var value: [UInt8] = []
    rest = rest.dropFirst()
    while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
      guard byte == UInt8(ascii: "\\"), let next = rest.first else {
        value.append(byte)
        continue
      }
      rest = rest.dropFirst()
      if next == UInt8(ascii: "x"), rest.count >= 2,
        let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        rest = rest.dropFirst(2)
        value.append(code)
      } else {
        value.append(next)
      }
    }
    return value
  }
}
