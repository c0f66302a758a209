// Lines for debugging.

import SSMPCore

/// Cuts what is sent into lines for a trace, each of them once, and blanks credentials.
struct Tracer {
  /// The position in the output behind the last line that was traced.
  private var position: UInt64 = 0

  /// Traces the requests that wait for being sent and were not traced yet: they are always whole.
  mutating func sending(_ output: borrowing RequestWriter, _ trace: (TraceLine) -> Void) {
    let start = max(position, output.taken)
    position = output.end
    let bytes = unsafe output.bytes.bytes
    var place = Int(start - output.taken)
    while place < bytes.byteCount,
      case .complete(let request) = RequestParser.parse(bytes, at: place, framing: .exact)
    {
      trace(TraceLine(isOutgoing: true, bytes: Self.blanked(request, bytes)))
      place = Int(request.end)
    }
  }

  /// Traces a message that has come.
  static func received(_ message: Message, _ bytes: RawSpan, _ trace: (TraceLine) -> Void) {
    trace(TraceLine(isOutgoing: false, bytes: message.line.map { bytes.unsafeByte($0) }))
  }

  /// A request without the credential of a LOGIN.
  private static func blanked(_ request: Request, _ bytes: RawSpan) -> [UInt8] {
    guard request.verb == .login, !request.credential.isEmpty else { return request.line.map { bytes.unsafeByte($0) } }
    return (request.line.lowerBound..<request.credential.lowerBound).map { bytes.unsafeByte($0) } + Array("***".utf8)
  }
}
