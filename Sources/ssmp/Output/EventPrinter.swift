// Events on standard output.

import CommandLineTools
import Glibc
import SSMPClient

/// Prints events, each at once, until as many are printed as were asked for.
struct EventPrinter {
  private let settings: OutputSettings
  /// True if control characters from elsewhere must not get through.
  private let isGuarded: Bool
  /// How many are left to print; `nil` for any number.
  private var rest: Int?

  init(_ settings: Settings) {
    self.settings = settings.output
    isGuarded = !settings.output.isRaw && isatty(STDOUT_FILENO) == 1
    rest = settings.count
  }

  /// True when as many are printed as were asked for.
  var isDone: Bool { rest == 0 }

  /// Prints an event.
  ///
  /// - Throws: `Failure` when nobody reads the output any more, or it cannot be written.
  mutating func print(_ event: SSMPClient.Event) throws {
    try StandardOutput.write(bytes(event))
    rest = rest.map { $0 - 1 }
  }

  private func bytes(_ event: SSMPClient.Event) -> [UInt8] {
    let shown: ([UInt8]) -> [UInt8] = isGuarded ? { Array(Self.guarded($0).utf8) } : { $0 }
    if let format = settings.format { return format.line(event, shown: shown) + [UInt8(ascii: "\n")] }
    switch settings.form {
    case .text: return EventText.text(event, shown: shown) + [UInt8(ascii: "\n")]
    case .json: return Array((EventText.json(event) + "\n").utf8)
    case .wire where isGuarded: return Array((Self.guarded(Array(EventText.wire(event).dropLast())) + "\n").utf8)
    case .wire: return EventText.wire(event)
    }
  }

  /// Text that does nothing to a terminal but to stand there.
  static func guarded(_ bytes: [UInt8]) -> String {
    String(validating: bytes, as: UTF8.self)?.printable ?? String(escaping: bytes)
  }
}
