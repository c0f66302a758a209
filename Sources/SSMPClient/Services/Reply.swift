// What is asked, and what is answered.

extension SSMPClient {
  /// A request of another client (docs/services.md).
  public struct Call: Sendable {
    /// The client that asks.
    public let from: ID
    /// What is asked for.
    public let verb: String
    /// What follows the verb; empty if nothing does.
    public let argument: String
    /// Bytes behind that; `nil` if there are none.
    public let bytes: [UInt8]?
    let tag: ID
    let client: SSMPClient

    /// Sends a part of the answer before the answer itself.
    ///
    /// - Throws: as `SSMPClient.unicast`; `.invalid` if it is too long or has an LF.
    public func part(_ text: String = "", bytes: [UInt8]? = nil) async throws(SSMPError) {
      try await client.unicast(ExchangeMessage(.part, tag, text: text, bytes: bytes).payload(), to: from)
    }
  }

  /// An answer to a request (docs/services.md).
  public struct Reply: Hashable, Sendable {
    /// The code, as in SSMP: 200, 400, 404, 405, 501; and 303 for "fetch it at this URL".
    public var code: Int
    /// The text behind it; empty if there is none.
    public var text: String
    /// Bytes behind that; `nil` if there are none.
    public var bytes: [UInt8]?
    /// What came before the answer, in order. It is not sent from here: `Call.part` sends it.
    public var parts: [Part] = []

    /// A part of an answer.
    public struct Part: Hashable, Sendable {
      /// The text; empty if there is none.
      public let text: String
      /// Bytes behind it; `nil` if there are none.
      public let bytes: [UInt8]?
    }

    /// An answer with this code.
    public init(code: Int, _ text: String = "", bytes: [UInt8]? = nil) {
      self.code = code
      self.text = text
      self.bytes = bytes
    }

    /// The answer 200.
    public static func ok(_ text: String = "", bytes: [UInt8]? = nil) -> Reply { Reply(code: 200, text, bytes: bytes) }

    /// The answer 400: the request cannot be served.
    public static func failed(_ text: String = "") -> Reply { Reply(code: 400, text) }

    /// True for 200.
    public var isSuccess: Bool { code == 200 }
  }
}
