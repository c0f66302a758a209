// Where a server is.

extension SSMPClient {
  /// Where a server listens: a host and a port, with or without TLS, or a unix socket.
  public struct ServerAddress: Hashable, Sendable {
    enum Place: Hashable, Sendable {
      case host(String, port: UInt16)
      case unix(String)
    }

    let place: Place
    /// True if the connection is secured by TLS.
    public let usesTLS: Bool

    /// The port without TLS where none is given.
    public static let plainPort: UInt16 = 8787
    /// The port with TLS where none is given.
    public static let securePort: UInt16 = 8788

    /// Reads `tls://HOST[:PORT]`, `tcp://HOST[:PORT]` or `unix:PATH`. A host is a name, an IPv4 address, or an IPv6 address in
    /// brackets. Without a scheme it is `tls://`.
    ///
    /// - Throws: `SSMPError.invalid` for anything else.
    public init(_ text: String) throws(SSMPError) {
      guard let address = ServerAddress(valid: text) else {
        throw .invalid("'\(text)' is no server; give tls://HOST:PORT, tcp://HOST:PORT or unix:PATH")
      }
      self = address
    }

    private init?(valid text: String) {
      if text.hasPrefix("unix:") {
        let path = String(text.dropFirst(5))
        guard !path.isEmpty else { return nil }
        (place, usesTLS) = (.unix(path), false)
        return
      }
      let isPlain = text.hasPrefix("tcp://")
      let rest = isPlain || text.hasPrefix("tls://") ? text.dropFirst(6) : text[...]
      guard let (host, port) = Self.split(rest), Self.isHost(host) else { return nil }
      place = .host(host, port: port ?? (isPlain ? Self.plainPort : Self.securePort))
      usesTLS = !isPlain
    }

    /// The host and the port, if one is given.
    private static func split(_ text: Substring) -> (String, UInt16?)? {
      if text.hasPrefix("[") {
        guard let end = text.firstIndex(of: "]") else { return nil }
        let host = String(text[text.index(after: text.startIndex)..<end])
        let rest = text[text.index(after: end)...]
        if rest.isEmpty { return (host, nil) }
        guard rest.hasPrefix(":"), let port = port(rest.dropFirst()) else { return nil }
        return (host, port)
      }
      guard let colon = text.firstIndex(of: ":") else { return (String(text), nil) }
      guard let port = port(text[text.index(after: colon)...]) else { return nil }
      return (String(text[..<colon]), port)
    }

    private static func port(_ text: Substring) -> UInt16? {
      guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(text), port > 0 else {
        return nil
      }
      return port
    }

    private static func isHost(_ text: String) -> Bool {
      !text.isEmpty && text.utf8.count <= 253
        && text.utf8.allSatisfy { byte in
          switch byte {
          case 48...57, 65...90, 97...122: true
          default: "-._:%".utf8.contains(byte)
          }
        }
    }

    /// The host as certificates name it, without the interface of a link-local address; `nil` for a unix socket.
    var host: String? {
      guard case .host(let name, _) = place else { return nil }
      let plain = name.split(separator: "%", maxSplits: 1)[0]
      return String(plain.hasSuffix(".") ? plain.dropLast() : plain)
    }
  }
}

extension ServerAddress: ExpressibleByStringLiteral {
  /// A server that is written in the source. A literal that is none is a mistake in the program, and ends it.
  public init(stringLiteral text: String) {
    guard let address = ServerAddress(valid: text) else { preconditionFailure("'\(text)' is no server of SSMP") }
    self = address
  }
}

extension ServerAddress: CustomStringConvertible {
  /// The address as `init(_:)` reads it.
  public var description: String {
    switch place {
    case .unix(let path): "unix:\(path)"
    case .host(let host, let port):
      "\(usesTLS ? "tls" : "tcp")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
  }
}
