// What systemd tells a service in its environment.

import CommandLineTools
import Glibc
import SSMPTransport

/// What systemd has set for this process: where to report to, how often to show that it lives, and the sockets that are
/// handed over. Without systemd all of it is absent.
struct SystemdEnvironment: Equatable, Sendable {
  /// A descriptor that is handed over, under the name that the socket unit gives it (`FileDescriptorName=`).
  struct Handover: Equatable, Sendable {
    let descriptor: Int32
    let name: String
  }

  /// The variables that are read, and then removed: they are for this process alone.
  static let variables = [
    "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
  ]

  /// The address of a unix datagram socket: a path, or `@` and an abstract name.
  var notifySocket: String?
  /// The microseconds within which a sign of life is expected.
  var watchdog: UInt64?
  var handovers: [Handover] = []

  /// The first descriptor that is handed over.
  private static let firstDescriptor: Int32 = 3

  init() {}

  /// Reads the environment of the process `pid`.
  init(pid: Int32, _ value: (String) -> String?) throws(ConfigurationError) {
    notifySocket = value("NOTIFY_SOCKET").flatMap { $0.isEmpty ? nil : $0 }
    if let text = value("WATCHDOG_USEC"), try Self.isOwn("WATCHDOG_PID", pid, value) ?? true {
      let time = try Self.number("WATCHDOG_USEC", text, 0...Int(UInt32.max) * 1000)
      watchdog = time == 0 ? nil : UInt64(time)
    }
    // Sockets are for a process that is named: what an ancestor was given and has not removed is not meant.
    if let text = value("LISTEN_FDS"), try Self.isOwn("LISTEN_PID", pid, value) ?? false {
      let count = try Self.number("LISTEN_FDS", text, 0...Ranges.listeners.upperBound)
      handovers = try Self.handovers(count, names: value("LISTEN_FDNAMES"))
    }
  }

  /// Reads the environment, and removes what was read from it. To be called before there are threads.
  static func take() throws(ConfigurationError) -> SystemdEnvironment {
    defer { for name in variables { unsetenv(name) } }
    return try SystemdEnvironment(pid: getpid()) { name in getenv(name).map { String(cString: $0) } }
  }

  /// Shows in `systemctl status` why the server has not started.
  func reportFailure(_ text: String) {
    guard let notifySocket, let socket = try? DatagramSocket(to: notifySocket) else { return }
    try? socket.send("STATUS=\(text)")
    socket.close()
  }

  /// Whether a variable names this process; `nil` when it is not there.
  private static func isOwn(
    _ name: String, _ pid: Int32, _ value: (String) -> String?
  ) throws(ConfigurationError) -> Bool? {
    guard let text = value(name) else { return nil }
    return try number(name, text, 1...Int(Int32.max)) == Int(pid)
  }

  private static func handovers(_ count: Int, names: String?) throws(ConfigurationError) -> [Handover] {
    // What systemd itself says where there is no name.
    var list = Array(repeating: "unknown", count: count)
    if let names, count > 0 {
      list = names.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard list.count == count else {
        throw fault(
          "LISTEN_FDNAMES", names, accepted: "as many names, with colons between them, as LISTEN_FDS says")
      }
    }
    return list.enumerated().map { Handover(descriptor: firstDescriptor + Int32($0.offset), name: $0.element) }
  }

  private static func number(
    _ name: String, _ text: String, _ range: ClosedRange<Int>
  ) throws(ConfigurationError) -> Int {
    guard let number = Units.digits(text), range.contains(number) else {
      throw fault(
        name, text, accepted: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// What is wrong with a variable.
  static func fault(_ name: String, _ value: String, accepted: String) -> ConfigurationError {
    ConfigurationError("\(name): '\(value.printable)' is not accepted; give \(accepted)")
  }
}
