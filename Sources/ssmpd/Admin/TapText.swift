// How a tap shows a message.

import CommandLineTools

/// Lines for messages that were tapped.
enum TapText {
  /// A message in one line: when, which way, what stands before its payload, and its payload, or how long that is.
  static func line(_ record: Tap.Record, of batch: Tap.Batch, at time: String) -> String {
    let direction = record.direction == .input ? "in" : "out"
    let head = String(decoding: batch.bytes[record.head], as: UTF8.self)
    var text = "at=\(time) dir=\(direction) "
    guard !record.head.isEmpty else {
      return text + "invalid=true bytes=\(record.payloadLength)" + (record.fault.map { " \($0.text)" } ?? "")
    }
    text += "line=\"\(head)\""
    guard record.payloadLength > 0 else { return text }
    // Not even how long it is.
    if record.isLogin { return text + " credential=hidden" }
    return text
      + (record.payload.isEmpty
        ? " payload-bytes=\(record.payloadLength)" : " payload=\"\(String(escaping: batch.bytes[record.payload]))\"")
  }
}
