// What a server answers.

extension SSMPClient {
  /// The response to a request (Grammar: `response`; Response codes).
  public struct Response: Hashable, Sendable, CustomStringConvertible {
    /// The code: 200 for success, 404, 405, 501 and so on, as in HTTP.
    public let code: Int
    /// What came with it; mostly nothing.
    public let payload: Payload?

    /// True for 200.
    public var isSuccess: Bool { code == 200 }

    /// A response with this code.
    public init(code: Int, payload: Payload? = nil) {
      self.code = code
      self.payload = payload
    }

    /// The code with its name, such as `404 Not Found`, and the payload.
    public var description: String {
      let name = Self.names[code].map { " \($0)" } ?? ""
      return "\(code)\(name)\(payload.map { ": \($0)" } ?? "")"
    }

    private static let names = [
      200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Not Allowed", 409: "Conflict",
      501: "Not Implemented",
    ]
  }
}
