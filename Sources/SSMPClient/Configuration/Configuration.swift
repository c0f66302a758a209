// What a client is told.

extension SSMPClient {
  /// Where the servers are, how to log in, and how long to wait.
  public struct Configuration: Sendable {
    /// The servers, in the order in which they are tried.
    public var servers: [ServerAddress]
    /// The identifier, and how it is proven.
    public var login: Login
    /// How connections to `tls://` servers are secured.
    public var tls: TLS
    /// How long to wait for what.
    public var timeouts = Timeouts()
    /// Whether and how the client connects again when the connection is lost.
    public var reconnection = Reconnection()
    /// How `SSMPClient.messages` buffers.
    public var messageBuffering = Buffering.suspend()
    /// Called with each line that is sent or received, in order, for debugging; credentials are blanked. It is called under the
    /// client's lock, on the I/O thread or on the thread of a task: it must not wait, and must not use the client.
    public var trace: (@Sendable (TraceLine) -> Void)?
    /// In place of sockets: a server within the process (`SSMPLoopback`).
    package var memory: (any MemoryServer)?

    /// A client of one server.
    public init(_ server: ServerAddress, login: Login, tls: TLS = TLS()) {
      self.init(servers: [server], login: login, tls: tls)
    }

    /// A client of several servers, of which it uses the first that it reaches.
    public init(servers: [ServerAddress], login: Login, tls: TLS = TLS()) {
      self.servers = servers
      self.login = login
      self.tls = tls
    }

    /// A client of a server within the process.
    package init(memory: any MemoryServer, login: Login) {
      self.init(servers: [], login: login)
      self.memory = memory
    }
  }
}

extension SSMPClient {
  /// How long a client waits.
  public struct Timeouts: Hashable, Sendable {
    /// For an attempt to connect as a whole: the name, TCP, TLS and LOGIN. 10 seconds.
    public var connecting = Duration.seconds(10)
    /// For a response, counted from the request or, if that is later, from the server's last message other than PING and PONG: a
    /// server holds a sender back while its recipients are slow. 30 seconds.
    public var response = Duration.seconds(30)
    /// Without input for so long, the client sends a PING (Client-initiated). 30 seconds.
    public var ping = Duration.seconds(30)
    /// Without input for so long after that PING, the connection counts as lost. 30 seconds.
    public var pong = Duration.seconds(30)
    /// For the end of a connection: until all is sent and CLOSE is answered. 5 seconds.
    public var closing = Duration.seconds(5)

    /// The defaults.
    public init() {}
  }
}

extension SSMPClient {
  /// How a client connects again.
  public struct Reconnection: Hashable, Sendable {
    /// False to end with the first connection. True by default.
    public var isEnabled = true
    /// True to go on trying when the first attempt fails because no server is reached; by default `connect` throws then.
    public var appliesToStart = false
    /// The longest pause before the first attempt; it doubles with each one. The pause is a random part of it, so that thousands of
    /// clients do not come back at the same moment. 250 milliseconds.
    public var firstPause = Duration.milliseconds(250)
    /// The longest pause before any attempt. 60 seconds.
    public var longestPause = Duration.seconds(60)

    /// The defaults.
    public init() {}

    /// Ends with the first connection.
    public static let disabled: Reconnection = {
      var reconnection = Reconnection()
      reconnection.isEnabled = false
      return reconnection
    }()
  }
}

extension SSMPClient {
  /// A line of the conversation with the server, for debugging.
  public struct TraceLine: Sendable, CustomStringConvertible {
    /// True for what the client has sent, false for what it has received.
    public let isOutgoing: Bool
    /// The line without its LF, the credential of a LOGIN blanked.
    public let bytes: [UInt8]

    /// `<` for what came, `>` for what was sent, and the line, in which other characters than printable ASCII are escaped.
    public var description: String {
      var text = isOutgoing ? "> " : "< "
      for byte in bytes {
        if byte >= 32, byte < 127, byte != UInt8(ascii: "\\") {
          text.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
          text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
      }
      return text
    }
  }
}
