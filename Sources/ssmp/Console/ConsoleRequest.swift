// What a typed line asks for.

import CommandLineTools
import SSMPClient

/// A line of the console, read.
enum ConsoleRequest: Equatable {
  /// The line is empty.
  case nothing
  case help
  case ping
  case close
  /// SUBSCRIBE, as the protocol has it.
  case subscribe(ID, presence: Bool)
  /// Subscribe to topics with presence, also to those that are subscribed to without.
  case watch([ID])
  /// Subscribe to topics without presence.
  case join([ID])
  case unsubscribe([ID])
  /// The members of a topic.
  case members(ID)
  /// Any other request.
  case request(String, ID?, Payload?)
}

/// Why a line was not sent.
struct ConsoleFault: Error, Equatable {
  let status: ExitStatus
  let message: String

  /// The fault of a line that is malformed.
  static func malformed(_ message: String) -> ConsoleFault { ConsoleFault(status: .usage, message: message) }
}

/// The words of a line, and the text behind them.
struct ConsoleWords {
  private var rest: ArraySlice<UInt8>
  /// True if more than one blank may stand between words.
  private let isLenient: Bool

  init(_ bytes: some Sequence<UInt8>, isLenient: Bool = false) {
    (rest, self.isLenient) = (Array(bytes)[...], isLenient)
    if isLenient { skipBlanks() }
  }

  private static let blank = UInt8(ascii: " ")

  /// True if nothing is left.
  var isEmpty: Bool { rest.isEmpty }

  /// All that is left.
  var text: [UInt8] { Array(rest) }

  /// The next word, without the blank behind it; empty if there is none.
  mutating func next() -> String {
    let word = rest.prefix { $0 != Self.blank }
    rest = rest[word.endIndex...].dropFirst()
    if isLenient { skipBlanks() }
    return String(decoding: word, as: UTF8.self)
  }

  /// The next word, which must be an identifier.
  mutating func id(_ name: String) throws(ConsoleFault) -> ID {
    let word = next()
    guard !word.isEmpty else { throw .malformed("the \(name) is missing") }
    do throws(SSMPError) {
      return try ID(word)
    } catch {
      throw .malformed(
        "'\(word.clipped.printable)' is no \(name): give 1 to 64 letters, digits and . : @ / _ - + = ~")
    }
  }

  /// Throws if anything is left.
  func end() throws(ConsoleFault) {
    guard rest.isEmpty else {
      throw .malformed("'\(String(decoding: rest, as: UTF8.self).clipped.printable)' is one argument too many")
    }
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == Self.blank } }
}
