// What a server sends, as clients read it.

import Testing

@testable import SSMPCore

/// A message in a form that can be compared.
enum MessageRead: Equatable {
  case response(Int, payload: String)
  case event(Verb, from: String, id: String, payload: String, presence: Bool)
  case incomplete, invalid
}

private func read(_ bytes: [UInt8], at start: Int = 0) -> MessageRead {
  read(MessageParser.parse(bytes.span.bytes, at: start), bytes)
}

private func read(_ outcome: MessageOutcome, _ bytes: [UInt8]) -> MessageRead {
  switch outcome {
  case .incomplete: return .incomplete
  case .invalid: return .invalid
  case .complete(let message):
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    guard message.isEvent else { return .response(Int(message.code), payload: text(message.payload)) }
    let hasID = [.ucast, .mcast, .subscribe, .unsubscribe].contains(message.verb)
    return .event(
      message.verb, from: text(message.from), id: hasID ? text(message.id) : "", payload: text(message.payload),
      presence: message.hasPresence)
  }
}

private func read(_ text: String) -> MessageRead { read(Array(text.utf8)) }

/// Messages of all forms.
private let texts: [(String, MessageRead)] = [
  ("200\n", .response(200, payload: "")),
  ("401 open secret\n", .response(401, payload: "open secret")),
  ("000 . PING\n", .event(.ping, from: ".", id: "", payload: "", presence: false)),
  ("000 . PONG\n", .event(.pong, from: ".", id: "", payload: "", presence: false)),
  ("000 a SUBSCRIBE t\n", .event(.subscribe, from: "a", id: "t", payload: "", presence: false)),
  ("000 a SUBSCRIBE t PRESENCE\n", .event(.subscribe, from: "a", id: "t", payload: "", presence: true)),
  ("000 ab UNSUBSCRIBE t\n", .event(.unsubscribe, from: "ab", id: "t", payload: "", presence: false)),
  ("000 a UCAST bob hello  you \n", .event(.ucast, from: "a", id: "bob", payload: "hello  you ", presence: false)),
  ("000 . MCAST t x\n", .event(.mcast, from: ".", id: "t", payload: "x", presence: false)),
  ("000 a BCAST to all\n", .event(.bcast, from: "a", id: "", payload: "to all", presence: false)),
  ("000 a MCAST t \0\u{2}\n\n\n\n", .event(.mcast, from: "a", id: "t", payload: "\0\u{2}\n\n\n", presence: false)),
  ("000 a BCAST \0\0\n\n", .event(.bcast, from: "a", id: "", payload: "\0\0\n", presence: false)),
  ("404 \0\u{1}\n\n\n", .response(404, payload: "\0\u{1}\n\n")),
]
private let samples: [([UInt8], MessageRead)] = texts.map { (Array($0.0.utf8), $0.1) }

@Suite("Messages of a server")
struct MessageParserTests {
  @Test("All forms of responses and events (Grammar)", arguments: samples)
  func forms(bytes: [UInt8], expected: MessageRead) {
    #expect(read(bytes) == expected)
    #expect(read(Array("200\n".utf8) + bytes, at: 4) == expected)
  }

  @Test("Every proper beginning of a message is incomplete, whatever lies behind it in memory", arguments: samples)
  func beginnings(bytes: [UInt8], expected: MessageRead) {
    for count in 0..<bytes.count {
      let outcome = MessageParser.parse(bytes.span.extracting(0..<count).bytes, at: 0)
      #expect(read(outcome, bytes) == .incomplete, "\(count) bytes")
    }
  }

  @Test("Messages that follow each other end where the next one begins, with and without a model")
  func sequence() {
    let stream = samples.flatMap(\.0)
    for usesModel in [false, true] {
      var (place, found): (Int, [MessageRead]) = (0, [])
      var last: Message?
      while place < stream.count {
        let span = stream.span.bytes
        let outcome =
          usesModel
          ? last.map { MessageParser.parse(span, at: place, like: $0) } ?? MessageParser.parse(span, at: place)
          : MessageParser.parse(span, at: place)
        found.append(read(outcome, stream))
        guard case .complete(let message) = outcome else { break }
        place = Int(message.end)
        last = message
      }
      #expect(found == samples.map(\.1))
    }
  }

  @Test("With any message as the model, the outcome is the one without", arguments: samples)
  func models(bytes: [UInt8], expected: MessageRead) throws {
    func long(_ count: Int, _ end: String) -> String {
      "000 a MCAST t " + String(repeating: "x", count: count) + end
    }
    let ends: [String] = [
      "000 a MCAST t x\n", "000 a MCAST t yy\n", "000 a MCAST t \n", "000 a MCAST t \0\u{1}\n\n\n",
      "000 a MCAST tt x\n",
      "000 a BCAST to\n", "000 a UCAST bob \n\n", "000 a", "000 a MCAST t ", "000 a MCAST t xyz",
      long(1024, "\n"),
      long(1025, "\n"),
      long(1025, ""),
    ]
    guard case .complete(let model) = MessageParser.parse(bytes.span.bytes, at: 0) else {
      Issue.record("\(expected)")
      return
    }
    for end in ends {
      let both = bytes + Array(end.utf8)
      let outcome = MessageParser.parse(both.span.bytes, at: bytes.count, like: model)
      #expect(read(outcome, both) == read(both, at: bytes.count), "\(end)")
    }
  }

  @Test(
    "What no server may send is an error at the byte where it shows (Invalid messages, Forward compatibility)",
    arguments: [
      "x", "2x", "20x", "200x", "200\r", "200 \n", "000\n", "000 \n", "000 a\n", "000 a \n", "000 a\u{1}",
      "000 a FOO \n", "000 a FOO\n", "000 a LOGIN x open\n", "000 a CLOSE\n", "000 a ucast", "000 a PING ",
      "000 a UCAST b\n", "000 a UCAST b \n", "000 a MCAST \n", "000 a BCAST\n", "000 a BCAST \n", "000 a SUBSCRIBE\n",
      "000 a SUBSCRIBE t X", "000 a SUBSCRIBE t PRESENCE ", "000 a UNSUBSCRIBE t ", "000 a UNSUBSCRIBE t PRESENCE",
      "000 a BCAST \0\0xy", "PING\n", "000 a ABCDEFGHIJKLMNOPQ",
    ])
  func errors(text: String) {
    #expect(read(text) == .invalid)
    let beginning = read(String(text.unicodeScalars.dropLast()))
    #expect(beginning == .incomplete || text.unicodeScalars.count == 1 || beginning == .invalid)
  }

  @Test("The bounds of identifiers and payloads, and one byte more (Grammar)")
  func bounds() {
    func text(_ count: Int) -> String { String(repeating: "x", count: count) }
    #expect(read("000 \(text(64)) MCAST \(text(64)) \(text(1024))\n") != .invalid)
    #expect(read("000 \(text(65))") == .invalid)
    #expect(read("000 a MCAST \(text(65))") == .invalid)
    #expect(read("000 a BCAST \(text(1024))") == .incomplete)
    #expect(read("000 a BCAST \(text(1025))") == .invalid)
    #expect(read("401 \(text(1024))\n") == .response(401, payload: text(1024)))
    #expect(read("401 \(text(1025))") == .invalid)
    let longest: [UInt8] = [3, 0xff] + [UInt8](repeating: 10, count: 1024)
    let head: [UInt8] = Array("000 \(text(64)) UCAST \(text(64)) ".utf8)
    let event: [UInt8] = head + longest + [10]
    guard case .complete(let message) = MessageParser.parse(event.span.bytes, at: 0) else {
      Issue.record("the longest binary payload was not taken")
      return
    }
    #expect(message.payload.count == 1026 && Int(message.end) == event.count)
  }
}
