// The real server: started, stopped, and started again on the same sockets.

import CEpoll
import CommandLineTools
import Glibc
import SSMPTransport

/// Starts and stops ssmpd. The listening sockets are this program's, as systemd's would be, so they survive the server.
final class ServerUnderTest {
  private let binary: String
  var files: ServerFiles
  private let listeners: [ListeningSocket]
  private(set) var pid: pid_t = 0
  private(set) var starts = 0
  /// The next server works in tiny steps.
  var hasTinySteps = false

  init(binary: String, files: ServerFiles) throws {
    self.binary = binary
    self.files = files
    guard let any = SocketAddress(internet: "127.0.0.1:0") else { throw SoakError("no address") }
    listeners = [
      try ListeningSocket(any), try ListeningSocket(any), try ListeningSocket(.unix(files.path("local.sock"))),
    ]
  }

  var plain: SocketAddress { listeners[0].address }
  var tls: SocketAddress { listeners[1].address }
  var unix: SocketAddress { listeners[2].address }
  var logPath: String { files.path("ssmpd-\(starts).log") }

  /// Starts the server, and waits until it serves.
  func start() throws {
    starts += 1
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, logPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
    // Out of the way first: a listener could be one of the numbers that the server expects.
    for (index, listener) in listeners.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, listener.descriptor, Self.aside + Int32(index))
    }
    for index in listeners.indices {
      posix_spawn_file_actions_adddup2(&actions, Self.aside + Int32(index), 3 + Int32(index))
      posix_spawn_file_actions_addclose(&actions, Self.aside + Int32(index))
    }
    let slices = hasTinySteps ? "export SSMPD_TEST_TINY_STEPS=1; " : ""
    let script = "\(slices)export LISTEN_FDS=3 LISTEN_PID=$$ LISTEN_FDNAMES=plain:tls:local; exec \"$0\" \"$@\""
    let words: [String] = ["sh", "-c", script, binary, "--config", files.path("ssmpd.conf")]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let result = posix_spawn(&child, "/bin/sh", &actions, nil, &arguments, environ)
    guard result == 0 else { throw SoakError("ssmpd cannot be started: \(String(cString: strerror(result)))") }
    pid = child
    try waitUntil("the server has started", seconds: 30) {
      !isRunning || log.contains("server start ") && admin("stats") != nil
    }
    guard isRunning else { throw SoakError("ssmpd has ended: \(log)") }
  }

  /// Descriptors that nothing else has.
  private static let aside: Int32 = 900

  /// The log so far.
  var log: String { readFile(logPath) }

  var isRunning: Bool {
    guard pid != 0 else { return false }
    guard waitpid(pid, &status, WNOHANG) == pid else { return true }
    pid = 0
    return false
  }

  /// How the server has ended, as `waitpid` says it.
  private(set) var status: Int32 = 0

  func signal(_ number: Int32) {
    if pid != 0 { kill(pid, number) }
  }

  /// Waits for the end that was asked for; the server must end by itself, and with status 0.
  func waitForEnd(seconds: Double) throws {
    try waitUntil("the server ends after SIGTERM", seconds: seconds) { !isRunning }
    guard status == 0 else { throw Finding("the server has ended with status \(status)") }
  }

  func killNow() {
    guard pid != 0 else { return }
    kill(pid, SIGKILL)
    waitpid(pid, &status, 0)
    pid = 0
  }

  /// The answer of the admin socket; `nil` when there is none.
  func admin(_ command: String) -> [String]? {
    guard let socket = try? OutgoingSocket.connect(to: .unix(files.path("admin.sock"))) else { return nil }
    defer { Socket.close(socket) }
    let patient = PatientSocket(socket)
    guard patient.send(Array("\(command)\n".utf8), patience: 2000) else { return nil }
    var text: [UInt8] = []
    while PatientSocket.wait(reading: [socket], milliseconds: 5000) != 0 {
      let (result, bytes) = patient.receive(upTo: 1 << 16)
      guard case .bytes = result else { return nil }
      text += bytes
      let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
      if text.last == 10, let last = lines.last, last == "ok" || last.hasPrefix("ok ") { return lines }
      if text.last == 10, lines.last?.hasPrefix("error") == true { return nil }
    }
    return nil
  }

  /// The counts of the admin socket, by name.
  var stats: [String: Int]? {
    guard let lines = admin("stats") else { return nil }
    var result: [String: Int] = [:]
    for word in lines.joined(separator: " ").split(separator: " ") {
      let parts = word.split(separator: "=")
      if parts.count == 2, let value = Int(parts[1]) { result[String(parts[0])] = value }
    }
    return result
  }

  /// Resident memory in KiB.
  var residentKiB: Int { ProcessUsage(process: Int(pid))?.residentKiB ?? 0 }

  /// The number of open descriptors.
  var descriptors: Int {
    guard let folder = opendir("/proc/\(pid)/fd") else { return 0 }
    defer { closedir(folder) }
    var count = -2
    while readdir(folder) != nil { count += 1 }
    return count
  }
}

/// Something that the server does wrong.
struct Finding: Error {
  let lines: [String]

  init(_ lines: String...) {
    self.lines = lines
  }
}

/// Looks again and again until `condition` holds.
func waitUntil(_ what: String, seconds: Double, _ condition: () throws -> Bool) throws {
  let deadline = MonotonicTime.nanoseconds() + UInt64(seconds * 1e9)
  while try !condition() {
    guard MonotonicTime.nanoseconds() < deadline else { throw Finding("\(seconds) s were not enough: \(what)") }
    usleep(10_000)
  }
}

/// The text of a file; empty if it cannot be read.
func readFile(_ path: String) -> String {
  String(decoding: (try? FileContent(of: path, limit: .max - 1))?.bytes ?? [], as: UTF8.self)
}
