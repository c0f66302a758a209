// Lines of SSMP, read.

import CommandLineTools
import SSMPClient

extension ConsoleRequest {
  /// The verbs whose case makes no difference.
  private static let known: Set<String> = [
    "UCAST", "MCAST", "BCAST", "SUBSCRIBE", "UNSUBSCRIBE", "PING", "PONG", "CLOSE", "LOGIN",
  ]

  /// Reads a line without its LF: a request of SSMP, or a short form, which begins with `/`.
  init(_ line: [UInt8]) throws(ConsoleFault) {
    guard line.contains(where: { $0 != UInt8(ascii: " ") }) else {
      self = .nothing
      return
    }
    if line.first == UInt8(ascii: "/") {
      try self.init(shortForm: line.dropFirst())
    } else {
      try self.init(request: ConsoleWords(line))
    }
  }

  private init(request words: ConsoleWords) throws(ConsoleFault) {
    var words = words
    let word = words.next()
    let verb = Self.known.contains(word.uppercased()) ? word.uppercased() : word
    guard verb.utf8.allSatisfy({ (65...90).contains($0) }), (1...16).contains(verb.utf8.count) else {
      throw .malformed("'\(word.clipped.printable)' is no verb and no short form; /help lists them")
    }
    switch verb {
    case "SUBSCRIBE":
      let topic = try words.id("topic")
      let option = words.next()
      guard option.isEmpty || option.uppercased() == "PRESENCE" else {
        throw .malformed("'\(option.clipped.printable)' is no option of SUBSCRIBE; give PRESENCE, or nothing")
      }
      self = .subscribe(topic, presence: !option.isEmpty)
    case "UNSUBSCRIBE": self = .unsubscribe([try words.id("topic")])
    case "UCAST": self = .request(verb, try words.id("identifier"), try Self.payload(words.text))
    case "MCAST": self = .request(verb, try words.id("topic"), try Self.payload(words.text))
    case "BCAST": self = .request(verb, nil, try Self.payload(words.text))
    case "PING": self = .ping
    case "CLOSE": self = .close
    case "LOGIN", "PONG": throw .malformed("\(verb) is sent by the console itself")
    default:
      self = try Self.other(verb, words)
      return
    }
    switch self {
    case .request: break
    default: try words.end()
    }
  }

  /// A request with a verb that is not of this version: an identifier and a payload, where they are given.
  private static func other(_ verb: String, _ words: ConsoleWords) throws(ConsoleFault) -> ConsoleRequest {
    guard !words.isEmpty else { return .request(verb, nil, nil) }
    var rest = words
    guard let id = try? ID(rest.next()) else { return .request(verb, nil, try payload(words.text)) }
    return .request(verb, id, rest.isEmpty ? nil : try payload(rest.text))
  }

  /// A payload of these bytes, as they are.
  private static func payload(_ bytes: [UInt8]) throws(ConsoleFault) -> Payload {
    do throws(SSMPError) {
      return try Payload(text: bytes)
    } catch {
      let hint = bytes.first.map { $0 < 4 } == true ? ": /pub and /msg take \\xHH" : ""
      throw ConsoleFault(status: .invalidMessage, message: "\(error)\(hint)")
    }
  }
}
