// Requests in HTTP, which the admin socket answers, too.

/// A response in HTTP.
struct AdminResponse {
  let status: Int
  let body: [UInt8]

  /// Reads a response whose body ends with the connection; `nil` if it is none.
  init?(_ bytes: [UInt8]) {
    let text = String(decoding: bytes.prefix(64), as: UTF8.self)
    let words = text.split(separator: " ", maxSplits: 2)
    guard words.count == 3, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
    let end = Array("\r\n\r\n".utf8)
    var place = 0
    while place + 4 <= bytes.count, Array(bytes[place..<place + 4]) != end { place += 1 }
    guard place + 4 <= bytes.count else { return nil }
    (self.status, body) = (status, Array(bytes[(place + 4)...]))
  }

  /// The lines of the body.
  var lines: [String] { String(decoding: body, as: UTF8.self).split(separator: "\n").map(String.init) }
}

extension AdminConnection {
  /// The response to `GET PATH`. The connection is of no use afterwards.
  func get(_ path: String, within milliseconds: UInt32 = patience) throws -> AdminResponse {
    try send("GET \(path) HTTP/1.0\r\n\r\n")
    guard let response = AdminResponse(try rest(within: milliseconds)) else { throw lost() }
    return response
  }
}
