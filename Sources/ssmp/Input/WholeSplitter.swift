// All of the input as one message.

import SSMPClient

/// Gathers the input, up to what no message can hold.
struct WholeSplitter: InputSplitter {
  private var kept: [UInt8] = []

  mutating func take(_ bytes: [UInt8], into messages: inout [InputMessage]) {
    kept += bytes.prefix(max(0, Payload.longest + 1 - kept.count))
  }

  mutating func finish(into messages: inout [InputMessage]) {
    do throws(SSMPError) {
      messages.append(InputMessage(number: 1, payload: .success(try Payload(kept))))
    } catch {
      messages.append(InputMessage(number: 1, payload: .failure(error)))
    }
  }
}
