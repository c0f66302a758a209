// Messages as objects of JSON.

import SSMPClient

/// Reads what `-o json` prints: a line an object, whose payload is the string `text`, or `base64`.
enum JSONInput {
  /// The longest line: each byte of a payload may be written as `\u0000`, and other members may stand beside it.
  private static let longestLine = 16 << 10

  /// What takes the input apart.
  static func splitter() -> LineSplitter {
    var splitter = LineSplitter(end: UInt8(ascii: "\n"))
    splitter.longest = longestLine
    splitter.payload = { payload(in: $0) }
    return splitter
  }

  /// The payload in a line; `nil` for an object without one, such as an event of presence.
  static func payload(in line: [UInt8]) -> Result<Payload, SSMPError>? {
    guard line.count <= longestLine, let members = JSONObject.members(line) else {
      return .failure(.invalid("a line is no object of JSON whose payload is the string `text` or `base64`"))
    }
    do throws(SSMPError) {
      if let text = members["text"] { return .success(try Payload(Array(text.utf8))) }
      guard let code = members["base64"] else {
        if ["SUBSCRIBE", "UNSUBSCRIBE"].contains(members["verb"]) { return nil }
        return .failure(.invalid("an object has neither the string `text` nor `base64`"))
      }
      guard let bytes = Base64.decode(code) else { return .failure(.invalid("'base64' is not in base64")) }
      return .success(try Payload(bytes))
    } catch {
      return .failure(error)
    }
  }
}
