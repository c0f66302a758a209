// How the program ends.

import CommandLineTools
import SSMPClient

/// The exit codes, which scripts rely on. A signal ends the program with 128 and its number.
enum ExitStatus: Int32 {
  case done = 0
  /// The server, or another client, has answered with an error.
  case refused = 1
  /// The command line, the context or a file is wrong.
  case usage = 2
  /// No server was reached, or TLS has failed.
  case unreachable = 3
  case loginRefused = 4
  case connectionLost = 5
  /// The client, or the members of the topic, are not there: 404.
  case nobodyThere = 6
  /// The server does not allow it: 405.
  case notAllowed = 7
  /// A message that cannot be sent: it is empty, or too long.
  case invalidMessage = 8
  /// The time that `-W` gives is over.
  case timeOver = 124
  /// Whoever reads the output has gone: as if the signal had ended the program.
  case brokenPipe = 141
}

/// Why a command has failed.
struct Failure: Error, CustomStringConvertible {
  let status: ExitStatus
  /// What is said on standard error; nothing if that is `nil`.
  let message: String?

  /// The message.
  var description: String { message ?? "the program has ended" }

  init(_ status: ExitStatus, _ message: String?) {
    (self.status, self.message) = (status, message)
  }

  /// What an error of any kind means for the exit code.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as SSMPError: self.init(Self.status(of: error), "\(error)")
    case is OptionError: self.init(.usage, "\(error)")
    case is CancellationError: self.init(.connectionLost, nil)
    default: self.init(.refused, "\(error)")
    }
  }

  private static func status(of error: SSMPError) -> ExitStatus {
    switch error {
    case .refused(let response): status(of: response.code)
    case .loginRefused: .loginRefused
    case .unreachable, .untrusted: .unreachable
    case .offline, .connectionLost, .cancelled, .contested, .closed, .overflow, .violation: .connectionLost
    case .timedOut: .timeOver
    case .invalid: .usage
    }
  }

  /// What a response, or an answer, with this code means.
  static func status(of code: Int) -> ExitStatus {
    switch code {
    case 200: .done
    case 404: .nobodyThere
    case 405: .notAllowed
    default: .refused
    }
  }
}
