// One fuzz input through the parser.

import SSMPCore

/// Parses an input in one piece and in many, and compares the results with each other and with the reference grammar.
/// The first byte chooses the framing and the sizes of the pieces, the rest is what a client sends.
public func fuzzParser(_ input: [UInt8]) throws {
  guard let header = input.first else { return }
  let bytes = Array(input.dropFirst())
  let framing = [Framing.undecided, .exact, .line][Int(header % 3)]
  var chance = Chance(seed: UInt64(header))

  var whole = PiecewiseParser(framing: framing)
  try whole.feed(bytes)
  try whole.compareWithReference(framing)

  var pieces = PiecewiseParser(framing: framing)
  let longest = 1 + chance.below(40)
  var place = 0
  while place < bytes.count {
    let stop = min(bytes.count, place + 1 + chance.below(longest))
    try pieces.feed(Array(bytes[place..<stop]))
    place = stop
  }
  try check(whole.found == pieces.found, "\(whole.found) in one piece, \(pieces.found) in several")
  try check(whole.isBroken == pieces.isBroken, "the pieces decide whether there is an error")
}

/// A parser behind a buffer that is fed piece by piece, as a connection does it.
public struct PiecewiseParser {
  /// What is known of a request that was found, its place counted from the first byte fed.
  public struct Found: Equatable {
    /// What is asked for.
    public let verb: Verb
    /// Where it is.
    public let place: Range<Int>
    /// The bytes of its fields, of those that its verb has.
    public let fields: [[UInt8]]
    /// Its flags.
    public let wantsPresence: Bool, endsInCRLF: Bool
  }

  /// The requests so far.
  public private(set) var found: [Found] = []
  /// True after an error.
  public private(set) var isBroken = false
  private var fed: [UInt8] = []
  private var consumed = 0
  private var framing: Framing

  /// A parser that has seen nothing.
  public init(framing: Framing) {
    self.framing = framing
  }

  /// Parses what these bytes complete.
  public mutating func feed(_ piece: [UInt8]) throws {
    guard !isBroken else { return }
    fed += piece
    let buffer = Array(fed[consumed...])
    var place = 0
    while place < buffer.count {
      switch RequestParser.parse(buffer.span.bytes, at: place, framing: framing) {
      case .complete(let request):
        try check(Int(request.end) <= buffer.count && Int(request.start) == place, "the request lies outside the bytes")
        try note(request, buffer)
        if framing == .undecided { framing = request.endsInCRLF ? .line : .exact }
        place = Int(request.end)
        continue
      case .incomplete:
        try check(buffer.count - place < Bounds.request, "more than the longest request is not complete")
      case .invalid: isBroken = true
      }
      break
    }
    consumed += place
  }

  private mutating func note(_ request: Request, _ buffer: [UInt8]) throws {
    let line = request.line
    var ranges: [Range<Int>] = []
    switch request.verb {
    case .login: ranges = [request.id, request.scheme, request.credential]
    case .subscribe, .unsubscribe, .ucast, .mcast: ranges = [request.id]
    case .close, .ping, .pong, .bcast, .unknown: break
    }
    for range in ranges {
      try check(range.lowerBound >= line.lowerBound && range.upperBound <= line.upperBound, "a field outside its line")
    }
    try check(buffer[Int(request.end) - 1] == 10, "a message without LF")
    if request.verb != .unknown {
      let verb = Array("\(request.verb.name)".utf8)
      try check(buffer[line].starts(with: verb), "\(request.verb) for \(shown(buffer[line]))")
    }
    found.append(
      Found(
        verb: request.verb, place: consumed + line.lowerBound..<consumed + Int(request.end),
        fields: ranges.map { Array(buffer[$0]) }, wantsPresence: request.wantsPresence, endsInCRLF: request.endsInCRLF))
  }

  /// Compares what was found with what the reference grammar says; `framing` is the one that the parser began with.
  public func compareWithReference(_ framing: Framing) throws {
    var framing = framing
    for request in found {
      let outcome = ReferenceGrammar.outcome(of: Array(fed[request.place.lowerBound...]), framing: framing)
      try check(outcome == .complete(end: request.place.count), "\(outcome) where there is \(request)")
      if framing == .undecided { framing = request.endsInCRLF ? .line : .exact }
    }
    let rest = Array(fed[(found.last?.place.upperBound ?? 0)...])
    guard !rest.isEmpty else { return }
    let outcome = ReferenceGrammar.outcome(of: rest, framing: framing)
    try check(outcome == (isBroken ? .invalid : .incomplete), "\(outcome) for \(shown(rest))")
  }
}
