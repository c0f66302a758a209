// The response to CLOSE.

import SSMPClient
import SSMPTransport

/// Finds the response to CLOSE among the lines of the conversation: the client library keeps it to itself.
final class ClosingResponse: Sendable {
  private struct State {
    var isSent = false
    var code: Int?
  }

  private let state = Locked(State())

  /// Notes a line that was sent or received.
  func note(_ line: SSMPClient.TraceLine) {
    state.withLock { state in
      if line.isOutgoing {
        if line.bytes.elementsEqual("CLOSE".utf8) { state.isSent = true }
      } else if state.isSent, state.code == nil, let code = Int(String(decoding: line.bytes.prefix(3), as: UTF8.self)) {
        // 000 is an event.
        if code > 0 { state.code = code }
      }
    }
  }

  /// The response, if it has come.
  var value: SSMPClient.Response? { state.withLock { $0.code.map { SSMPClient.Response(code: $0) } } }
}
