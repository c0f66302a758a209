// What can go wrong.

/// Why a call of the client has failed, or a sequence has ended.
public enum SSMPError: Error, Hashable, Sendable {
  /// The server has answered a request with a code other than 200, such as 404 or 405 (Response codes).
  case refused(SSMPClient.Response)
  /// The server has refused the LOGIN with 401; it offers these schemes (Login). The client does not try again.
  case loginRefused(schemes: [String])
  /// No server could be reached: the name is unknown, or no connection could be made in time.
  case unreachable(String)
  /// TLS has failed: the server's certificate is not trusted or is not the host's, or the server does not trust the client's.
  case untrusted(String)
  /// There is no connection now, and the request has not been sent. `SSMPClient.states` tells when there is one again.
  case offline
  /// The connection was lost before the response.
  case connectionLost(sent: Sent)
  /// The response did not come in time. The connection stays; a response that comes later is dropped.
  case timedOut(sent: Sent)
  /// The task was cancelled. The connection stays; a response that comes later is dropped.
  case cancelled(sent: Sent)
  /// There is no connection now, since another client logs in under the same identifier again and again (`State.contested`).
  case contested
  /// The client has been closed.
  case closed
  /// The events of a sequence came faster than they were taken, and its buffer is full (`Buffering`).
  case overflow
  /// The server has sent what is no message of SSMP.
  case violation(String)
  /// A value or a setting that no request can be made of.
  case invalid(String)

  /// Whether the server may have acted on a request that has failed.
  public enum Sent: Hashable, Sendable {
    /// Nothing of the request has left this process.
    case no
    /// The kernel has taken the whole request, and the connection it went to stands.
    case yes
    /// It is not known: the connection was lost when a part of the request, or all of it, had been sent; or the task did not wait
    /// for it to be sent.
    case unknown
  }

  /// Whether the server may have acted on the request; `nil` if the error is not about a request.
  public var sent: Sent? {
    switch self {
    case .refused: .yes
    case .offline, .contested, .closed: .no
    case .connectionLost(let sent), .timedOut(let sent), .cancelled(let sent): sent
    case .loginRefused, .unreachable, .untrusted, .overflow, .violation, .invalid: nil
    }
  }

  /// True if another attempt to connect cannot succeed: the client stops.
  var isFinal: Bool {
    switch self {
    case .loginRefused, .untrusted, .closed, .invalid: true
    case .refused, .unreachable, .offline, .contested, .connectionLost, .timedOut, .cancelled, .overflow, .violation:
      false
    }
  }
}

extension SSMPError: CustomStringConvertible {
  /// One line for people.
  public var description: String {
    switch self {
    case .refused(let response): "the server has answered \(response)"
    case .loginRefused(let schemes):
      "the server has refused the login; it offers \(schemes.isEmpty ? "no scheme" : schemes.joined(separator: ", "))"
    case .unreachable(let reason): "the server cannot be reached: \(reason)"
    case .untrusted(let reason): "no secure connection: \(reason)"
    case .offline: "there is no connection to the server; the request was not sent"
    case .connectionLost(let sent): "the connection to the server was lost\(sent.words)"
    case .timedOut(let sent): "no answer has come in time\(sent.words)"
    case .cancelled(let sent): "the task was cancelled\(sent.words)"
    case .contested: "another client uses the same identifier"
    case .closed: "the client is closed"
    case .overflow: "events came faster than they were taken"
    case .violation(let what): "the server does not speak SSMP: \(what)"
    case .invalid(let what): what
    }
  }
}

extension SSMPError.Sent {
  fileprivate var words: String {
    switch self {
    case .no: "; the request was not sent"
    case .yes: "; the request was sent"
    case .unknown: "; the request may have been received"
    }
  }
}
