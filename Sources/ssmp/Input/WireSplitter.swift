// Messages as a server sends them.

import SSMPClient
import SSMPCore

/// Reads events, as `-o wire` prints them, and takes their payloads. Events without one are passed over.
struct WireSplitter: InputSplitter {
  private var kept: [UInt8] = []
  private var number = 0
  /// The input is no longer understood: nothing more is taken from it.
  private var isBroken = false

  mutating func take(_ bytes: [UInt8], into messages: inout [InputMessage]) {
    guard !isBroken else { return }
    kept += bytes
    var place = 0
    while place < kept.count {
      switch unsafe MessageParser.parse(kept.span.bytes, at: place) {
      case .incomplete:
        kept.removeFirst(place)
        return
      case .invalid: return fail(into: &messages)
      case .complete(let message):
        number += 1
        guard message.isEvent else { return fail(into: &messages) }
        if !message.payload.isEmpty { add(Array(kept[message.payload]), into: &messages) }
        place = Int(message.end)
      }
    }
    kept.removeAll(keepingCapacity: true)
  }

  mutating func finish(into messages: inout [InputMessage]) {
    if !kept.isEmpty, !isBroken { fail(into: &messages) }
  }

  private mutating func fail(into messages: inout [InputMessage]) {
    isBroken = true
    kept = []
    let error = SSMPError.invalid("the input is no event as `-o wire` prints it")
    messages.append(InputMessage(number: number + 1, payload: .failure(error)))
  }

  /// The payload as it stood there: a binary one has its length in front.
  private func add(_ bytes: [UInt8], into messages: inout [InputMessage]) {
    do throws(SSMPError) {
      let payload = bytes[0] < 4 ? try Payload(binary: Array(bytes.dropFirst(2))) : try Payload(text: bytes)
      messages.append(InputMessage(number: number, payload: .success(payload)))
    } catch {
      messages.append(InputMessage(number: number, payload: .failure(error)))
    }
  }
}
