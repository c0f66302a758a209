// How far a connection has come, as operators see it.

import SSMPCore

/// What a connection is counted as while it is there.
enum ConnectionStage: UInt8, CaseIterable, Sendable {
  /// Its TLS handshake is not over.
  case handshaking
  /// It has not logged in.
  case waiting
  /// It has logged in by certificate.
  case cert
  /// It has logged in by the secret.
  case secret
  /// It has logged in by nothing.
  case open
  /// It is over; its last words are being sent, or those of its peer waited for.
  case closing

  init(_ scheme: Scheme?) {
    switch scheme {
    case .cert: self = .cert
    case .secret: self = .secret
    case .open, nil: self = .open
    }
  }

  /// The name of the state in listings and metrics.
  var state: String {
    switch self {
    case .handshaking: "handshaking"
    case .waiting: "waiting"
    case .cert, .secret, .open: "logged-in"
    case .closing: "closing"
    }
  }

  /// The scheme of the login; `none` before it and after the end.
  var scheme: String {
    switch self {
    case .cert, .secret, .open: "\(self)"
    case .handshaking, .waiting, .closing: "none"
    }
  }
}

extension Connection {
  /// How far it has come; a closed one is counted as closing until it is forgotten.
  var stage: ConnectionStage {
    guard state == .open else { return .closing }
    if flags.contains(.handshaking) { return .handshaking }
    return flags.contains(.settled) ? ConnectionStage(session.scheme) : .waiting
  }
}
