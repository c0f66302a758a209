// Requests that are answered with 400.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// The connection ends, perhaps for what it has sent last: finds out what is wrong with that, if anything is, for the
  /// line that tells of its end.
  @inline(never)
  mutating func noteFault(_ slot: UInt32, _ bytes: UnsafeRawBufferPointer) {
    guard hub.log.isEnabled(CloseReason.badRequest.logLevel) else { return }
    notices.faults[slot] = fault(slot, bytes)
  }

  /// What is wrong with the request that ends a connection; `nil` when it ends for something else.
  private func fault(_ slot: UInt32, _ bytes: UnsafeRawBufferPointer) -> RequestFault? {
    if connections[slot].session.scheme == nil, intake.batch.count > 0 {
      return intake.batch[0].verb == .login ? nil : RequestFault(before: intake.batch[0].verb)
    }
    return batchFault(slot, bytes)
  }

  /// What is wrong with what follows the batch.
  func batchFault(_ slot: UInt32, _ bytes: UnsafeRawBufferPointer) -> RequestFault? {
    guard intake.batch.stop == .invalid else { return nil }
    return RequestFault(bytes.bytes, at: intake.batch.end, framing: connections[slot].session.framing)
  }

  /// What the log says of it, behind everything else; nothing where there is no fault. It is forgotten by that.
  mutating func takeFault(_ slot: UInt32, _ reason: CloseReason) -> String {
    guard !notices.faults.isEmpty, let fault = notices.faults.removeValue(forKey: slot) else { return "" }
    return reason == .badRequest || reason == .loginExpected ? " \(fault.text)" : ""
  }
}

extension RequestFault {
  /// What logs and taps say of it. An unknown verb is not shown: it may be somebody's password.
  var text: String {
    let verb = verb.map { "\($0.name)" } ?? "-"
    let digits = byte.map { String($0, radix: 16) } ?? ""
    let shown = byte == nil ? "-" : "0x" + (digits.count < 2 ? "0" : "") + digits
    return "verb=\(verb) at=\(place) byte=\(shown) expected=\("\(expected.words)".quoted)"
  }
}
