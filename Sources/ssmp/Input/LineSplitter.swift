// A message a line.

import Glibc
import SSMPClient

/// Takes input apart at one byte. What follows the last one is a message, too.
struct LineSplitter: InputSplitter {
  /// The byte behind each message: an LF, or 0.
  let end: UInt8
  /// What a line is made into.
  var payload: @Sendable ([UInt8]) -> Result<Payload, SSMPError>? = { line in
    do throws(SSMPError) {
      return .success(try Payload(line))
    } catch {
      return .failure(error)
    }
  }
  /// The longest line that is kept: what is longer is no message, however it goes on.
  var longest = Payload.longest
  private var kept: [UInt8] = []
  private var number = 0

  init(end: UInt8) {
    self.end = end
  }

  mutating func take(_ bytes: [UInt8], into messages: inout [InputMessage]) {
    var rest = bytes[...]
    while let place = rest.firstIndex(of: end) {
      add(rest[..<place], into: &messages)
      rest = rest[(place + 1)...]
    }
    keep(rest)
  }

  mutating func finish(into messages: inout [InputMessage]) {
    if !kept.isEmpty { add([], into: &messages) }
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    kept += bytes.prefix(max(0, longest + 1 - kept.count))
  }

  private mutating func add(_ line: ArraySlice<UInt8>, into messages: inout [InputMessage]) {
    number += 1
    var whole: [UInt8]
    if kept.isEmpty {
      whole = Array(line.prefix(longest + 1))
    } else {
      keep(line)
      whole = kept
      kept.removeAll(keepingCapacity: true)
    }
    if let payload = payload(whole) { messages.append(InputMessage(number: number, payload: payload)) }
  }
}
