// Asking a server to reload, and waiting for what becomes of it.

import Glibc
import SSMPTransport

/// What `--reload PID` does: it sends SIGHUP, as `kill` does, but is told the result. It is what the units reload with.
enum ReloadRequest {
  /// The words of the server.
  private static let begun = "begun\n"
  private static let done = "done\n"
  private static let failed = "failed: "

  /// How long the server may take to notice the signal, in milliseconds, until it is sent once more: one that comes while
  /// another waits is one with it, and then only one of both askers is known.
  private static let notice: Int32 = 2_000
  private static let attempts = 5
  /// How long the reload may take: systemd itself waits for 90 s.
  private static let patience: Int32 = 80_000

  /// Has the server reload. Returns why it has not.
  static func run(_ process: Int32) -> String? {
    if let other = stranger(process) { return other }
    let listener: ReplySocket
    do throws(SystemError) {
      listener = try ReplySocket.listen()
    } catch {
      return "cannot wait for the reload: \(error)"
    }
    defer { listener.close() }
    for _ in 0..<attempts {
      guard kill(process, SIGHUP) == 0 else {
        return "cannot ask process \(process) to reload: \(String(cString: strerror(errno)))"
      }
      guard let server = listener.accept(from: process, within: notice) else { continue }
      defer { server.close() }
      return result(server)
    }
    return "process \(process) was asked to reload, and has not answered; the log will tell"
  }

  /// What is wrong with asking this process: SIGHUP ends most programs that do not expect it, and a number from a file may be
  /// another process's by now. `nil` when it is ssmpd.
  private static func stranger(_ process: Int32) -> String? {
    guard kill(process, 0) == 0 || errno == EPERM else {
      return "cannot ask process \(process) to reload: \(String(cString: strerror(errno)))"
    }
    // Its program is known to the same user and to root only, its name to all; and one program may have several names.
    let (program, own) = (link("/proc/\(process)/exe"), link("/proc/self/exe"))
    if let program, program == own || isName(lastPart(program)) { return nil }
    // A unit with ProtectProc=invisible hides the process. Its number then comes from systemd
    // itself, so it is ssmpd.
    guard let name = program.map(lastPart) ?? firstLine("/proc/\(process)/comm") else { return nil }
    return isName(name)
      ? nil : "process \(process) is not ssmpd but '\(name.printable)', and was not asked to reload"
  }

  /// True for the name of the server's program, also when another file has come into its place.
  private static func isName(_ name: String) -> Bool { name == "ssmpd" || name == "ssmpd (deleted)" }

  private static func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// What a symbolic link is to.
  private static func link(_ path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
  }

  private static func firstLine(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file != -1 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(file, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self) : nil
  }

  private static func result(_ server: ReplySocket) -> String? {
    var text = ""
    let watch = Stopwatch()
    while true {
      let passed = Int32(clamping: watch.microseconds / 1000)
      guard passed < patience, let bytes = server.receive(within: patience - passed) else {
        return "the reload has not ended within \(patience / 1000) s; the log will tell"
      }
      guard !bytes.isEmpty else { break }
      text += String(decoding: bytes, as: UTF8.self)
    }
    let lines = text.split(separator: "\n").map(String.init)
    if lines.last == String(done.dropLast()) { return nil }
    guard let reason = lines.last, reason.hasPrefix(failed) else { return "the server has ended while it reloaded" }
    return "reload \(reason)"
  }

  /// Tells the process that has sent a signal what becomes of it, if it wants to know.
  ///
  /// - Returns: what is to be called with the result; `nil` when it does not.
  static func asker(of sender: Int32) -> ReloadAsker? {
    guard let socket = ReplySocket(to: sender) else { return nil }
    socket.send(begun)
    return { result in
      switch result {
      case .success: socket.send(done)
      case .failure(let failure): socket.send("\(failed)\(failure.description)\n")
      }
      socket.close()
    }
  }
}

extension Hub {
  /// Begins a reload for the process that has sent the signal, and tells it the result if it
  /// listens for that.
  func reload(askedBy sender: Int32) { reload(for: ReloadRequest.asker(of: sender)) }
}
