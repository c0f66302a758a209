// What the options of the command line say.

import SSMPClient

/// The values of all options: of those that every command has, and of those that some have.
struct Settings: Sendable {
  // MARK: Where, and as whom

  var servers: [SSMPClient.ServerAddress]?
  /// The name of the context.
  var context: String?
  var id: ID?
  var authorities: String?
  var certificate: String?
  var key: String?
  /// The file with the secret; `-` is standard input.
  var secretFile: String?
  /// Log in without proof, whatever the context says.
  var isOpen = false
  /// Trust any server.
  var trustsAnybody = false
  /// Descriptors that another program has connected: to read from, and to write to.
  var descriptors: Descriptors?

  // MARK: How

  /// After how many milliseconds the command ends.
  var timeLimit: UInt64?
  /// Connect again when the connection is lost.
  var retries = false
  var diagnostics = DiagnosticsLevel.normal

  // MARK: What

  var input = InputSettings()
  var output = OutputSettings()
  /// Topics to subscribe to for their own sake.
  var topics: [ID] = []
  /// Whether presence is shown, too.
  var showsPresence = false
  /// The events after which the command ends.
  var count: Int?
  /// The descriptor that is written to when all is subscribed to.
  var readyDescriptor: Int32?
  /// The client whose leaving ends the command.
  var untilLeft: ID?
  var service = ServiceSettings()
  var admin = AdminSettings()
  var top = TopSettings()
  var directory = DirectorySettings()

  /// Two descriptors of a connection.
  struct Descriptors: Equatable, Sendable {
    let input: Int32
    let output: Int32
  }
}

/// What is published, and how it is taken apart.
struct InputSettings: Sendable {
  /// How standard input is taken apart into messages.
  enum Form: String, CaseIterable, Sendable {
    /// A message a line.
    case lines
    /// Messages end with a byte 0.
    case zeros
    /// All of it is one message.
    case whole
    /// As `-o wire` prints it.
    case wire
    /// As `-o json` prints it.
    case json
  }

  var form = Form.lines
  /// The file that is the message.
  var file: String?
  /// Go on after a message that cannot be sent.
  var skipsInvalid = false
}

/// How events are printed.
struct OutputSettings: Sendable {
  /// What an event looks like.
  enum Form: String, CaseIterable, Sendable {
    /// The payload.
    case text
    /// As the server sent it.
    case wire
    /// An object of JSON.
    case json
  }

  var form = Form.text
  /// The format of `-F`.
  var format: MessageFormat?
  /// Print control characters to a terminal as they are.
  var isRaw = false
}

/// How requests of other clients are asked, and served.
struct ServiceSettings: Sendable {
  /// Ask all instances.
  var asksAll = false
  /// Ask the less loaded of two instances.
  var asksBest = false
  /// The name that the service is found by.
  var name: ID?
  /// The most commands at a time.
  var jobs = 4
  /// The milliseconds that a command may run for.
  var jobLimit: UInt64 = 10_000
}

/// Where the admin socket is, and how its answers are printed.
struct AdminSettings: Sendable {
  /// What an answer looks like.
  enum Form: Sendable {
    /// In columns.
    case table
    /// As the server sends it: `key=value`.
    case raw
    case json
  }

  /// The path of the socket; by default that of the package's settings.
  var path = "/run/ssmpd/admin.sock"
  /// The form; `nil` means a table on a terminal, and the server's lines elsewhere.
  var form: Form?
}

/// How the figures of a server are shown again and again.
struct TopSettings: Sendable {
  /// Print lines instead of taking over the terminal.
  var isBatch = false
  /// The milliseconds between two looks at the server.
  var interval: UInt64 = 1000
}

/// How much a directory may grow.
struct DirectorySettings: Sendable {
  /// The most directories of peers that messages from elsewhere make.
  var peers = 1000
  /// The size of a file from which on it is renamed.
  var outSize = 16 << 20
}
