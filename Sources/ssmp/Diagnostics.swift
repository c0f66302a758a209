// What is said on standard error.

import CommandLineTools
import Glibc
import Synchronization

/// How much is said on standard error.
enum DiagnosticsLevel: Int, Sendable {
  /// Errors alone.
  case quiet
  /// What a user should know: gaps, and messages that are skipped.
  case normal
  /// Every line that is sent and received.
  case verbose
}

/// Standard error.
enum Diagnostics {
  private static let shared = Atomic(DiagnosticsLevel.normal.rawValue)

  /// How much is said.
  static var level: DiagnosticsLevel {
    get { DiagnosticsLevel(rawValue: shared.load(ordering: .relaxed)) ?? .normal }
    set { shared.store(newValue.rawValue, ordering: .relaxed) }
  }

  /// Says why something has failed.
  static func report(_ message: String) {
    // What a server has sent may be a part of it.
    Output.writeError("ssmp: \(isatty(STDERR_FILENO) == 1 ? message.printable : message)\n")
  }

  /// Says what a user should know, unless `-q` is given.
  static func note(_ message: @autoclosure () -> String) {
    if level != .quiet { report(message()) }
  }
}
