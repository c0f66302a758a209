// The grammar once more, as simply as can be.

import SSMPCore

/// A recognizer of requests written from the ABNF: it follows all ways to match at once, one byte at a time, and knows
/// nothing of speed. The parser is compared with it.
public struct ReferenceGrammar {
  /// What the bytes from the first one on are.
  public enum Outcome: Equatable, Sendable {
    /// A message that ends before this place.
    case complete(end: Int)
    /// The beginning of a message.
    case incomplete
    /// No message begins like this.
    case invalid
  }

  /// All ways to match up to here: the places reached, and whether some way wanted more bytes than there are.
  private struct Ways {
    var places: [Int]
    var wantsMore = false

    static func + (first: Ways, second: Ways) -> Ways {
      Ways(places: first.places + second.places, wantsMore: first.wantsMore || second.wantsMore)
    }
  }

  static let idCharacters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:@/_-+=~")
  private static let idBytes = Set(idCharacters.compactMap(\.asciiValue))
  private static let known: Set<String> = [
    "LOGIN", "CLOSE", "PING", "PONG", "SUBSCRIBE", "UNSUBSCRIBE", "UCAST", "MCAST", "BCAST",
  ]

  private let bytes: [UInt8]
  private let dropsCR: Bool

  /// Says what `bytes` begin with. Lines may end in CR LF unless `framing` is exact.
  public static func outcome(of bytes: [UInt8], framing: Framing) -> Outcome {
    ReferenceGrammar(bytes: bytes, dropsCR: framing != .exact).request()
  }

  private func request() -> Outcome {
    let letters = bytes.prefix { (65...90).contains($0) }
    if letters.count > 16 { return .invalid }
    if letters.count == bytes.count { return .incomplete }
    if letters.isEmpty { return .invalid }
    let verb = text(letters)
    let start = Ways(places: [letters.count])
    guard !Self.known.contains(verb) else { return firstOf([forwardable(verb, start)]) }
    // `compat`, where an id followed by a space and a payload goes before anything else.
    return firstOf([end(payload(space(id(space(start))))), end(payload(space(start))) + end(start)])
  }

  private func forwardable(_ verb: String, _ start: Ways) -> Ways {
    switch verb {
    case "LOGIN":
      let scheme = id(space(id(space(start))))
      return end(scheme) + end(payload(space(scheme)))
    case "SUBSCRIBE":
      let topic = id(space(start))
      return end(topic) + end(literal("PRESENCE", space(topic)))
    case "UNSUBSCRIBE": return end(id(space(start)))
    case "UCAST", "MCAST": return end(payload(space(id(space(start)))))
    case "BCAST": return end(payload(space(start)))
    default: return end(start)
    }
  }

  private func firstOf(_ readings: [Ways]) -> Outcome {
    for reading in readings {
      if let end = reading.places.min() { return .complete(end: end) }
      if reading.wantsMore { return .incomplete }
    }
    return .invalid
  }

  private func one(_ ways: Ways, _ matches: (UInt8) -> Bool) -> Ways {
    var result = Ways(places: [], wantsMore: ways.wantsMore)
    for place in ways.places {
      if place == bytes.count {
        result.wantsMore = true
      } else if matches(bytes[place]) {
        result.places.append(place + 1)
      }
    }
    return result
  }

  private func upTo(_ limit: Int, _ ways: Ways, first: (UInt8) -> Bool, _ matches: (UInt8) -> Bool) -> Ways {
    var step = one(ways, first)
    var result = step
    for _ in 1..<limit where !step.places.isEmpty {
      step = one(step, matches)
      result.places += step.places
      result.wantsMore = result.wantsMore || step.wantsMore
    }
    return result
  }

  private func space(_ ways: Ways) -> Ways { one(ways) { $0 == 32 } }

  private func literal(_ word: String, _ ways: Ways) -> Ways {
    word.utf8.reduce(ways) { ways, letter in one(ways) { $0 == letter } }
  }

  private func id(_ ways: Ways) -> Ways {
    upTo(64, ways, first: Self.idBytes.contains, Self.idBytes.contains)
  }

  /// A payload and where it ends; binary ones are told apart by a negative place.
  private func payload(_ ways: Ways) -> Ways {
    let words = upTo(1024, ways, first: { $0 > 3 && $0 != 10 }, { $0 != 10 })
    var result = words
    for place in ways.places where place < bytes.count && bytes[place] <= 3 {
      if place + 1 == bytes.count {
        result.wantsMore = true
      } else {
        let end = place + 2 + Int(bytes[place]) * 256 + Int(bytes[place + 1]) + 1
        if end > bytes.count { result.wantsMore = true } else { result.places.append(-end) }
      }
    }
    return result
  }

  /// The end of the message: LF; behind text also CR LF, in which case that CR is never part of the text.
  private func end(_ ways: Ways) -> Ways {
    var result = Ways(places: [], wantsMore: ways.wantsMore)
    for place in ways.places {
      let isText = place >= 0
      let at = abs(place)
      if at == bytes.count {
        result.wantsMore = true
      } else if bytes[at] == 10 {
        let follows = dropsCR && isText && bytes[at - 1] == 13
        if !follows { result.places.append(at + 1) }
      } else if bytes[at] == 13, dropsCR, isText {
        if at + 1 == bytes.count {
          result.wantsMore = true
        } else if bytes[at + 1] == 10 {
          result.places.append(at + 2)
        }
      }
    }
    return result
  }
}
