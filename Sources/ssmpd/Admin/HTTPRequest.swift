// As much of HTTP as a collector of metrics needs.

/// The first line of a request in HTTP/1.0 or 1.1. What follows it is of no interest: no request has a body that matters.
struct HTTPRequest: Equatable {
  let method: String
  /// The path, without a query.
  let path: String

  /// The longest line of a request, and the most lines. A client that sends more gets no answer.
  static let longestLine = 4096
  static let mostLines = 64

  /// `nil` when the line is no request, or one of another version.
  init?(_ line: String) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0", words[1].hasPrefix("/"), !words[0].isEmpty
    else { return nil }
    method = String(words[0])
    path = String(words[1].prefix { $0 != "?" })
  }
}

/// An answer, after which the connection is closed.
struct HTTPResponse {
  enum Status: String {
    case ok = "200 OK"
    case badRequest = "400 Bad Request"
    case notFound = "404 Not Found"
    case notAllowed = "405 Method Not Allowed"
    case unavailable = "503 Service Unavailable"
  }

  enum ContentType: String {
    case text = "text/plain; version=0.0.4; charset=utf-8"
    case json = "application/json"
  }

  var status = Status.ok
  var type = ContentType.text
  var body: String
  /// The body is counted, but not sent (HEAD).
  var isHeadOnly = false

  /// The whole answer.
  var text: String {
    let allow = status == .notAllowed ? "Allow: GET, HEAD\r\n" : ""
    return "HTTP/1.1 \(status.rawValue)\r\nContent-Type: \(type.rawValue)\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\(allow)Cache-Control: no-store\r\nConnection: close\r\n\r\n"
      + (isHeadOnly ? "" : body)
  }
}
