// Parsing in tests.

import FuzzHarness

@testable import SSMPCore

/// What the parser said, in a form that can be compared and read.
enum Parsed: Equatable {
  case complete(Verb, [String], presence: Bool = false)
  case incomplete, invalid
  /// A whole request that ends before all bytes do, or after.
  case completeEarly(Verb, end: Int)
}

/// Parses bytes that are expected to be one request; its fields come back as text.
func parse(_ bytes: [UInt8], _ framing: Framing = .exact) -> Parsed {
  switch RequestParser.parse(bytes.span.bytes, at: 0, framing: framing) {
  case .incomplete: return .incomplete
  case .invalid: return .invalid
  case .complete(let request):
    guard Int(request.end) == bytes.count else { return .completeEarly(request.verb, end: Int(request.end)) }
    return .complete(request.verb, fields(of: request, bytes), presence: request.wantsPresence)
  }
}

func parse(_ text: String, _ framing: Framing = .exact) -> Parsed {
  parse(Array(text.utf8), framing)
}

private func fields(of request: Request, _ bytes: [UInt8]) -> [String] {
  let ranges: [Range<Int>]
  switch request.verb {
  case .login: ranges = [request.id, request.scheme, request.credential]
  case .subscribe, .unsubscribe, .ucast, .mcast: ranges = [request.id]
  case .close, .ping, .pong, .bcast, .unknown: ranges = []
  }
  return ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
}

/// The place of the first byte that no request can have there, or `nil`.
func firstBadByte(_ bytes: [UInt8], _ framing: Framing = .exact) -> Int? {
  (1...bytes.count).first { parse(Array(bytes.prefix($0)), framing) == .invalid }.map { $0 - 1 }
}

func times(_ count: Int, _ letter: Character = "x") -> String { String(repeating: letter, count: count) }

/// A binary payload with this content.
func binary(_ content: [UInt8]) -> [UInt8] {
  [UInt8((content.count - 1) >> 8), UInt8((content.count - 1) & 255)] + content
}

/// One request of each kind, as long and as short as they can be, with all kinds of payload.
let sampleRequests: [[UInt8]] =
  [
    "LOGIN a open\n", "LOGIN . secret s e c r e t\n", "LOGIN \(times(64)) \(times(64)) \(times(1024))\n", "CLOSE\n",
    "PING\n",
    "PONG\n", "SUBSCRIBE t\n", "SUBSCRIBE t PRESENCE\n", "UNSUBSCRIBE \(times(64))\n", "UCAST a b\n",
    "MCAST t \(times(1024))\n", "BCAST \r\n", "BCAST  \n", "A\n", "\(times(16, "Q"))\n", "FOO bar\n", "FOO bar \n",
    "FOO bar baz qux\n", "FOO bar!\n", "PRESENCE t PRESENCE\n",
  ].map { Array($0.utf8) } + [
    Array("UCAST a ".utf8) + binary([10]) + [10],
    Array("MCAST t ".utf8) + binary(Array(repeating: 10, count: 1024)) + [10],
    Array("BCAST ".utf8) + binary([0, 13, 10, 255]) + [10],
    Array("LOGIN a secret ".utf8) + binary([10, 10]) + [10],
    Array("FOO bar ".utf8) + binary([10, 10]) + [10],
    Array("FOO ".utf8) + binary([32, 10]) + [10],
    Array("FOO bar ".utf8) + [0, 0, 65, 66, 10],
  ]
