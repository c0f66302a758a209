// What a server sends, cut into messages without the help of the code under test.

/// A response or an event.
public struct ServerMessage: Equatable {
  /// The whole message without its LF.
  public let line: [UInt8]
  /// Three digits; `000` for an event.
  public let code: String
  /// Of an event: who it is from, what it says, and to whom or about which topic.
  public private(set) var from = ""
  /// The verb of an event.
  public private(set) var verb = ""
  /// The identifier or topic of an event.
  public private(set) var id = ""
  /// What follows: the payload, or the option of SUBSCRIBE.
  public private(set) var rest: [UInt8] = []

  /// Cuts a stream into its messages; throws when it is not made of whole ones (Grammar: `response`, `event`).
  public static func all(in stream: [UInt8]) throws -> [ServerMessage] {
    var messages: [ServerMessage] = []
    var reader = FieldReader(stream: stream)
    while reader.place < stream.count { messages.append(try ServerMessage(&reader)) }
    return messages
  }

  private init(_ reader: inout FieldReader) throws {
    let start = reader.place
    code = text(try reader.word())
    let known: Set<String> = ["000", "200", "400", "401", "404", "405", "409", "501"]
    try check(known.contains(code), "unknown code \(code)")
    if code == "000" {
      from = try reader.id()
      verb = text(try reader.word(after: 1))
      switch verb {
      case "PONG": break
      case "UNSUBSCRIBE": id = try reader.id()
      case "SUBSCRIBE":
        id = try reader.id()
        if reader.isAtSpace { rest = try reader.word(after: 1) }
        try check(rest.isEmpty || text(rest) == "PRESENCE", "option \(text(rest))")
      case "UCAST", "MCAST":
        id = try reader.id()
        rest = try reader.payload()
      case "BCAST": rest = try reader.payload()
      default: throw FuzzFailure("event with the verb \(verb)")
      }
    } else if reader.isAtSpace {
      rest = try reader.payload()
    }
    line = Array(reader.stream[start..<reader.place])
    try reader.lineFeed()
  }
}

/// Reads one field after the other.
private struct FieldReader {
  let stream: [UInt8]
  var place = 0

  var isAtSpace: Bool { place < stream.count && stream[place] == 32 }

  /// All up to the next space or LF, after skipping `skipped` spaces.
  mutating func word(after skipped: Int = 0) throws -> [UInt8] {
    if skipped > 0 {
      try check(isAtSpace, "no space at \(place) in \(text(stream))")
      place += 1
    }
    let start = place
    while place < stream.count, stream[place] != 32, stream[place] != 10 { place += 1 }
    return Array(stream[start..<place])
  }

  mutating func id() throws -> String {
    let word = text(try word(after: 1))
    let isValid = (1...64).contains(word.count) && word.allSatisfy { ReferenceGrammar.idCharacters.contains($0) }
    try check(isValid, "the identifier \(word)")
    return word
  }

  mutating func payload() throws -> [UInt8] {
    try check(isAtSpace, "no payload at \(place)")
    place += 1
    try check(place < stream.count, "no payload at the end")
    let start = place
    if stream[start] <= 3 {
      try check(start + 1 < stream.count, "half a length at the end")
      place = start + 2 + Int(stream[start]) * 256 + Int(stream[start + 1]) + 1
      try check(place <= stream.count, "binary payload cut short")
    } else {
      while place < stream.count, stream[place] != 10 { place += 1 }
      try check((1...1024).contains(place - start), "payload of \(place - start) bytes")
    }
    return Array(stream[start..<place])
  }

  mutating func lineFeed() throws {
    try check(place < stream.count && stream[place] == 10, "no LF at \(place) in \(text(stream))")
    place += 1
  }
}
