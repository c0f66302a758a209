// Everything that can be configured.

import CommandLineTools
import SSMPCore
import SSMPTransport

/// The settings of one start of the daemon, checked one by one as they are read and together by `validate`.
struct Configuration: Equatable, Sendable {
  /// What the process is to do.
  enum Action: Equatable, Sendable {
    case run, check, version
    /// About a subject, or about everything in short.
    case help(String?)
    /// To have the server with this process number reload.
    case reload(Int32)
  }

  var action = Action.run
  /// Where to listen, as it was given.
  var listen: [ListenSetting] = []
  var allowsOpen = false
  var secretFile: SecretSetting?
  /// `nil` means that everybody may do everything.
  var accessFile: String?
  var certificateFile: String?
  var keyFile: String?
  var authoritiesFile: String?
  var revocationsFile: String?
  var ticketKeysFile: String?
  /// 0 means one for each core.
  var loops = 1
  var loginTimeout = Defaults.loginTimeout
  var pingInterval = Defaults.pingInterval
  var pongTimeout = Defaults.pongTimeout
  var writeTimeout = Defaults.writeTimeout
  var drain = Defaults.drain
  /// `nil` means as many as there are descriptors for.
  var maxConnections: Int?
  /// 0 means no limit of its own.
  var maxConnectionsPerAddress = 0
  /// 0 means no such limit, `nil` one that follows from the limit on all connections.
  var maxWaitingPerAddress: Int?
  /// 0 means no limit.
  var maxFailedLogins = Defaults.maxFailedLogins
  /// 0 means no limit.
  var maxRate = 0
  var maxSubscriptions = Defaults.maxSubscriptions
  var maxPending = Defaults.maxPending
  var maxTotalPending = Defaults.maxTotalPending
  var strict = false
  var logLevel = LogLevel.notice
  /// The path of the admin socket.
  var admin: String?
  var metrics: MetricsSetting?
  /// The file that `--config` names.
  var configFile: String?
  /// The user as whom `--check` reads files.
  var checkUser: String?
  /// The settings that are off because somebody said so, which a reload takes for meant.
  var turnedOff: Set<String> = []
  /// Where what is set was set, for messages.
  var origins = SettingOrigins()

  /// Where to listen.
  var listeners: [ListenSetting] { listen.isEmpty ? [.standard] : listen }

  /// The files that TLS needs; `nil` when no listener speaks it.
  func tlsFiles() throws(ConfigurationError) -> TLSFiles? {
    guard let listener = listeners.first(where: \.isTLS) else {
      try refuseTLSFiles()
      return nil
    }
    func need(_ name: String, _ file: String?, _ what: String) throws(ConfigurationError) -> String {
      guard let file else {
        throw ConfigurationError(
          setting: name,
          "none is given, and '\(listener.text.printable)' speaks TLS; give \(setting: name) FILE with \(what)")
      }
      return file
    }
    return TLSFiles(
      certificate: try need("cert", certificateFile, "the server's certificate"),
      key: try need("key", keyFile, "its private key"),
      authorities: try need("cacert", authoritiesFile, "the certificates of the clients' authorities"),
      revocations: revocationsFile)
  }

  private func refuseTLSFiles() throws(ConfigurationError) {
    let files = [
      ("cert", certificateFile), ("key", keyFile), ("cacert", authoritiesFile), ("crl", revocationsFile),
      ("ticket-keys", ticketKeysFile),
    ]
    guard let given = files.first(where: { $0.1 != nil }) else { return }
    throw ConfigurationError(
      setting: given.0, "no listener speaks TLS; give \(setting: "listen") tls://ADDRESS:PORT, or leave it out")
  }

  /// The schemes that a listener offers.
  func schemes(of listener: ListenSetting) -> SchemeSet {
    let own: [Scheme] = listener.isTLS ? [.cert] : []
    let secret: [Scheme] = secretFile == nil ? [] : [.secret]
    return listener.schemes ?? SchemeSet(own + secret + (allowsOpen ? [.open] : []))
  }

  /// Checks what can be seen only when all settings are known.
  func validate() throws(ConfigurationError) {
    guard listen.count <= Ranges.listeners.upperBound else {
      throw ConfigurationError(
        setting: "listen", "\(listen.count) are given; give at most \(Ranges.listeners.upperBound)")
    }
    try refuseSamePlaces()
    for (number, listener) in listeners.enumerated() {
      let schemes = schemes(of: listener)
      guard !schemes.isEmpty else {
        throw ConfigurationError(
          setting: "listen", occurrence: number,
          """
          '\(listener.text.printable)' has no authentication scheme; \
          give \(setting: "secret-file") FILE or \(setting: "open")
          """)
      }
      guard !schemes.offers(.secret) || secretFile != nil else {
        throw ConfigurationError(
          setting: "listen", occurrence: number,
          "'\(listener.text.printable)' offers secret, but there is none; give \(setting: "secret-file") FILE")
      }
    }
    _ = try tlsFiles()
    guard maxTotalPending >= maxPending else {
      throw ConfigurationError(
        setting: "max-total-pending", value: Units.describe(bytes: maxTotalPending),
        accepted: "at least \(setting: "max-pending"), which is \(Units.describe(bytes: maxPending))")
    }
  }
}
