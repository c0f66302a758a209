// How a tap shows a message.

import Glibc

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
        ? " payload-bytes=\(record.payloadLength)" : " payload=\"\(escaped(batch.bytes[record.payload]))\"")
  }

  /// Bytes with everything escaped that is not printable ASCII.
  static func escaped(_ bytes: ArraySlice<UInt8>) -> String {
    var text = ""
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += "\\" + String(UnicodeScalar(byte))
      case 32...126: text.unicodeScalars.append(UnicodeScalar(byte))
      default: text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return text
  }

  /// The time of day, in UTC, to the millisecond: when a message was looked at, soon after it came.
  static func time() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    func padded(_ number: Int, _ digits: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    let second = now.tv_sec % 86400
    return "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
      + ".\(padded(now.tv_nsec / 1_000_000, 3))Z"
  }
}
