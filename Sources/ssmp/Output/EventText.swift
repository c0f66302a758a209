// What events look like.

import CommandLineTools
import SSMPClient

/// Events in the forms of `-o`.
enum EventText {
  /// An object of JSON: `time`, `verb`, `from`, `topic` (of a UCAST `to`), and `text`, `base64` or `presence`.
  static func json(_ event: SSMPClient.Event) -> String {
    var object = JSONText()
    object.add("time", Timestamp.now().text)
    object.add("verb", event.verb)
    object.add("from", event.from.description)
    if let id = event.id { object.add(event.verb == "UCAST" ? "to" : "topic", id.description) }
    if event.verb == "SUBSCRIBE" { object.add("presence", literal: "\(event.hasPresence)") }
    if let payload = event.payload { object.add(payload: payload.bytes) }
    return object.text
  }

  /// The bytes as the server has sent them, with the LF.
  static func wire(_ event: SSMPClient.Event) -> [UInt8] {
    var bytes = Array("000 \(event.from) \(event.verb)".utf8)
    if let id = event.id { bytes += Array(" \(id)".utf8) }
    if event.verb == "SUBSCRIBE", event.hasPresence { bytes += Array(" PRESENCE".utf8) }
    if let payload = event.payload {
      bytes.append(UInt8(ascii: " "))
      if payload.isBinary {
        let length = payload.count - 1
        bytes += [UInt8(length >> 8), UInt8(length & 0xff)]
      }
      bytes += payload.bytes
    }
    return bytes + [UInt8(ascii: "\n")]
  }

  /// The payload, or of presence `+ ID` and `- ID`, without a line end.
  static func text(_ event: SSMPClient.Event, shown: ([UInt8]) -> [UInt8]) -> [UInt8] {
    switch event.verb {
    case "SUBSCRIBE": Array("+ \(event.from)".utf8)
    case "UNSUBSCRIBE": Array("- \(event.from)".utf8)
    default: shown(event.payload?.bytes ?? [])
    }
  }
}
