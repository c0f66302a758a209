// What a test expects of a connection.

import Testing

extension TLSClient {
  /// Expects exactly this text next; false when something else comes.
  @discardableResult
  public func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
    expect(Array(text.utf8), sourceLocation: sourceLocation)
  }

  /// Expects exactly these bytes next; false when something else comes.
  @discardableResult
  public func expect(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
    // Bytes that differ are not waited behind.
    while received.bytes.count < bytes.count, bytes.starts(with: received.bytes), fill(Self.patience) {}
    let got = received.take(bytes.count)
    guard got != bytes else { return true }
    #expect(escaped(got) == escaped(bytes), Comment(rawValue: state), sourceLocation: sourceLocation)
    return false
  }

  /// The next line, with its LF.
  ///
  /// - Throws: when no complete line comes in time.
  public func line(within milliseconds: Int32 = TLSClient.patience) throws -> String {
    while true {
      if let length = received.lineLength { return String(decoding: received.take(length), as: UTF8.self) }
      guard fill(milliseconds) else {
        throw TLSFailure("no line came: '\(escaped(Array(received.bytes)))'; \(state)")
      }
    }
  }

  /// Expects the end of the TCP connection, and no text before it. How TLS ended is in `hasReceivedCloseNotify` and
  /// `failure` then.
  @discardableResult
  public func expectEnd(
    within milliseconds: Int32 = TLSClient.patience, sourceLocation: SourceLocation = #_sourceLocation
  ) -> Bool {
    while fill(milliseconds) {}
    #expect(escaped(Array(received.bytes)) == "", sourceLocation: sourceLocation)
    #expect(hasEnded, "the connection has not been closed", sourceLocation: sourceLocation)
    return received.bytes.isEmpty && hasEnded
  }

  /// Expects that the connection is open and that nothing has been sent: an answer to PING is the next thing to come.
  @discardableResult
  public func expectQuiet(sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
    send("PING\n")
    return expect("000 . PONG\n", sourceLocation: sourceLocation)
  }

  /// Expects that no text comes for a while.
  public func expectNothing(for milliseconds: Int32, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(!fill(milliseconds), "'\(escaped(Array(received.bytes)))' came", sourceLocation: sourceLocation)
    #expect(!hasEnded, "the connection was closed", sourceLocation: sourceLocation)
  }

  /// Expects that the server refuses the handshake, in it or (as TLS 1.3 does) right behind it.
  ///
  /// - Parameter reason: what the failure must contain, such as `alert unknown ca` or `closed by the server`.
  @discardableResult
  public func expectRefusal(_ reason: String, sourceLocation: SourceLocation = #_sourceLocation) -> Bool {
    var found: String
    do {
      try handshake()
      let text = readAll()
      found = failure?.description ?? (hasEnded ? "closed by the server" : "not refused")
      if !text.isEmpty { found = "text came: '\(escaped(text))'" }
    } catch {
      found = "\(error)"
    }
    #expect(found.contains(reason), sourceLocation: sourceLocation)
    return found.contains(reason)
  }

  /// All text that comes until the connection ends or none comes for so long.
  public func readAll(quietFor milliseconds: Int32 = TLSClient.patience) -> [UInt8] {
    while fill(milliseconds) {}
    return received.take(received.bytes.count)
  }

  private var state: String {
    if let failure { return failure.description }
    return hasEnded ? "the connection has ended" : "the connection is open"
  }
}

/// Bytes as vectors write them.
func escaped(_ bytes: [UInt8]) -> String {
  bytes.map { byte in
    switch byte {
    case 10: "\\n"
    case 13: "\\r"
    case 92: "\\\\"
    case 32...126: String(UnicodeScalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }.joined()
}
