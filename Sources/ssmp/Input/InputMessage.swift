// A message on its way in.

import SSMPClient

/// What was found in the input.
struct InputMessage: Sendable {
  /// Which message it is, from 1. In lines it is the number of the line.
  let number: Int
  /// The payload, or why there is none.
  let payload: Result<Payload, SSMPError>
}

/// Takes bytes apart into messages.
protocol InputSplitter: Sendable {
  /// Takes more bytes, and adds the messages that are complete now.
  mutating func take(_ bytes: [UInt8], into messages: inout [InputMessage])
  /// Adds what is left at the end of the input.
  mutating func finish(into messages: inout [InputMessage])
}
