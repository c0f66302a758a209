// Everything that can be configured.

import SSMPCore
import SSMPTransport

/// The settings of one start of the daemon, checked one by one as they are read and together by `validate`.
struct Configuration: Equatable {
  /// What the process is to do.
  enum Action: Equatable {
    case run, check, version, help
  }

  var action = Action.run
  var listen: [ListenSetting] = []
  var allowsOpen = false
  var secretFile: String?
  /// 0 means one for each core.
  var loops = 1
  var loginTimeout = Defaults.loginTimeout
  var pingInterval = Defaults.pingInterval
  var pongTimeout = Defaults.pongTimeout
  var writeTimeout = Defaults.writeTimeout
  /// `nil` means as many as there are descriptors for.
  var maxConnections: Int?
  /// 0 means no limit of its own.
  var maxConnectionsPerAddress = 0
  var maxSubscriptions = Defaults.maxSubscriptions
  var maxPending = Defaults.maxPending
  var maxTotalPending = Defaults.maxTotalPending
  var strict = false
  var logLevel = LogLevel.notice

  /// The schemes that a listener offers.
  func schemes(of listener: ListenSetting) -> SchemeSet {
    listener.schemes ?? SchemeSet((secretFile == nil ? [] : [.secret]) + (allowsOpen ? [.open] : []))
  }

  /// Checks what can be seen only when all settings are known.
  func validate() throws(ConfigurationError) {
    guard !listen.isEmpty else {
      throw ConfigurationError("--listen: none is given; give \(ListenSetting.accepted)")
    }
    guard listen.count <= Ranges.listeners.upperBound else {
      throw ConfigurationError("--listen: \(listen.count) are given; give at most \(Ranges.listeners.upperBound)")
    }
    for listener in listen {
      let schemes = schemes(of: listener)
      guard !schemes.isEmpty else {
        throw ConfigurationError(
          "--listen: '\(listener.text.printable)' has no authentication scheme; give --secret-file FILE or --open")
      }
      guard !schemes.offers(.secret) || secretFile != nil else {
        throw ConfigurationError(
          "--listen: '\(listener.text.printable)' offers secret, but there is none; give --secret-file FILE")
      }
    }
    guard maxTotalPending >= maxPending else {
      throw ConfigurationError(
        setting: "--max-total-pending", value: Units.describe(bytes: maxTotalPending),
        accepted: "at least --max-pending, which is \(Units.describe(bytes: maxPending))")
    }
  }
}
