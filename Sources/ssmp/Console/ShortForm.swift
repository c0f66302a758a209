// Short forms of requests, such as `/sub`.

import CommandLineTools
import SSMPClient

/// A word for a request that is quicker to type.
struct ShortForm: Sendable {
  let name: String
  /// What follows the name, for help texts.
  let operands: String
  let help: String
  let read: @Sendable (inout ConsoleWords) throws(ConsoleFault) -> ConsoleRequest

  /// The short form as help texts show it.
  var usage: String { operands.isEmpty ? "/\(name)" : "/\(name) \(operands)" }

  /// All short forms, in the order of the help.
  static let all: [ShortForm] = [
    ShortForm(name: "sub", operands: "TOPIC...", help: "subscribe to topics") { words throws(ConsoleFault) in
      .join(try topics(&words))
    },
    ShortForm(name: "watch", operands: "TOPIC...", help: "subscribe with presence; subscribed topics again") {
      words throws(ConsoleFault) in .watch(try topics(&words))
    },
    ShortForm(name: "unsub", operands: "TOPIC...", help: "unsubscribe from topics") { words throws(ConsoleFault) in
      .unsubscribe(try topics(&words))
    },
    ShortForm(name: "who", operands: "TOPIC", help: "print the members of a topic") { words throws(ConsoleFault) in
      let topic = try words.id("topic")
      try words.end()
      return .members(topic)
    },
    ShortForm(name: "pub", operands: "TOPIC TEXT", help: "publish to a topic (MCAST)") {
      words throws(ConsoleFault) in .request("MCAST", try words.id("topic"), try payload(words))
    },
    ShortForm(name: "msg", operands: "ID TEXT", help: "send to a client (UCAST)") { words throws(ConsoleFault) in
      .request("UCAST", try words.id("identifier"), try payload(words))
    },
    ShortForm(name: "all", operands: "TEXT", help: "send to all who share a topic (BCAST)") {
      words throws(ConsoleFault) in .request("BCAST", nil, try payload(words))
    },
    ShortForm(name: "ping", operands: "", help: "measure the time to the server and back (PING)") {
      words throws(ConsoleFault) in
      try words.end()
      return .ping
    },
    ShortForm(name: "quit", operands: "", help: "end (CLOSE)") { words throws(ConsoleFault) in
      try words.end()
      return .close
    },
    ShortForm(name: "help", operands: "", help: "print the short forms and keys") { _ in .help },
  ]

  private static func topics(_ words: inout ConsoleWords) throws(ConsoleFault) -> [ID] {
    var topics = [try words.id("topic")]
    while !words.isEmpty { topics.append(try words.id("topic")) }
    return topics
  }

  private static func payload(_ words: ConsoleWords) throws(ConsoleFault) -> Payload {
    let bytes = try Escapes.resolve(words.text)
    do throws(SSMPError) {
      return try Payload(bytes)
    } catch {
      throw ConsoleFault(status: .invalidMessage, message: "\(error)")
    }
  }
}

extension ConsoleRequest {
  /// Reads a short form, without its `/`.
  init(shortForm line: some Sequence<UInt8>) throws(ConsoleFault) {
    var words = ConsoleWords(line, isLenient: true)
    let name = words.next().lowercased()
    guard let form = ShortForm.all.first(where: { $0.name == name }) else {
      let nearest = NearestName.to(name, among: ShortForm.all.map(\.name))
      let hint = nearest.map { "did you mean /\($0)?" } ?? "/help lists them"
      throw .malformed("'/\(name.clipped.printable)' is no short form; \(hint)")
    }
    self = try form.read(&words)
  }
}

/// Escapes in the text of short forms.
enum Escapes {
  private static let letters: [UInt8: UInt8] = [
    UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "0"): 0, UInt8(ascii: "\\"): 92,
  ]

  /// The bytes that a text with `\xHH`, `\n`, `\t`, `\r`, `\0` and `\\` stands for.
  static func resolve(_ text: [UInt8]) throws(ConsoleFault) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      let letter = rest.popFirst()
      if letter == UInt8(ascii: "x"), let value = hexadecimal(rest.prefix(2)) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else if let meant = letter.flatMap({ letters[$0] }) {
        bytes.append(meant)
      } else {
        throw .malformed("a \\ stands before n, t, r, 0, \\ or xHH; give \\\\ for a backslash")
      }
    }
    return bytes
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt8? {
    guard digits.count == 2, digits.allSatisfy({ UnicodeScalar($0).properties.isASCIIHexDigit }) else { return nil }
    return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
