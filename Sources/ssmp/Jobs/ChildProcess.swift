// Processes of other programs.

import CEpoll
import Glibc
import SSMPTransport

/// A process whose standard input and output are pipes to this one. It leads a process group of its own, so that all that it
/// starts can be ended with it.
struct ChildProcess {
  /// How the process has ended.
  enum Outcome {
    case ended(code: Int32, output: [UInt8])
    case tooMuch
    case timeOver
  }

  /// Those that have not been waited for.
  private static let running = Locked<Set<pid_t>>([])
  private let process: pid_t
  private let input: Int32
  private let output: Int32

  /// Starts a program.
  ///
  /// - Parameter variables: what is in its environment beside what this process has.
  init(_ path: String, _ arguments: [String], adding variables: [String: String]) throws(SystemError) {
    let toChild = try Self.pipe()
    let fromChild: (read: Int32, write: Int32)
    do throws(SystemError) {
      fromChild = try Self.pipe()
    } catch {
      close(toChild.read)
      close(toChild.write)
      throw error
    }
    let result = Self.spawn(path, arguments, variables, toChild.read, fromChild.write)
    close(toChild.read)
    close(fromChild.write)
    guard result.code == 0 else {
      close(toChild.write)
      close(fromChild.read)
      throw SystemError("posix_spawn", code: result.code)
    }
    Self.running.withLock { _ = $0.insert(result.process) }
    (process, input, output) = (result.process, toChild.write, fromChild.read)
  }

  private static func pipe() throws(SystemError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard unsafe ssmp_pipe(&ends) == 0 else { throw SystemError("pipe2") }
    return (read: ends[0], write: ends[1])
  }

  private static func spawn(
    _ path: String, _ arguments: [String], _ variables: [String: String], _ input: Int32, _ output: Int32
  ) -> (process: pid_t, code: Int32) {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // Signals as a program expects them: none blocked, none ignored.
    var none = sigset_t()
    unsafe sigemptyset(&none)
    var usual = sigset_t()
    unsafe sigemptyset(&usual)
    unsafe sigaddset(&usual, SIGPIPE)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
    var environment = unsafe Self.environment(adding: variables).map { unsafe strdup($0) } + [nil]
    defer { unsafe (words + environment).forEach { unsafe free($0) } }
    var process: pid_t = 0
    let code = unsafe posix_spawn(&process, path, &actions, &attributes, &words, &environment)
    return (process, code)
  }

  private static func environment(adding variables: [String: String]) -> [String] {
    var all: [String] = []
    var place = unsafe environ
    while let entry = unsafe place.pointee {
      let text = unsafe String(cString: entry)
      if variables[String(text.prefix { $0 != "=" })] == nil { all.append(text) }
      unsafe place += 1
    }
    return all + variables.map { "\($0)=\($1)" }
  }

  /// Gives the process its input, takes its output, and waits for its end.
  ///
  /// - Parameters:
  ///   - most: the most bytes of output; a process that prints more is ended.
  ///   - deadline: when it is ended, in nanoseconds of the monotonic clock.
  func communicate(
    _ bytes: [UInt8], most: Int, until deadline: UInt64, _ isCancelled: () -> Bool
  ) -> Outcome {
    var rest = bytes[...]
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    var input: Int32 = rest.isEmpty ? -1 : self.input
    if rest.isEmpty { close(self.input) }
    defer {
      if input != -1 { close(input) }
      close(output)
    }
    // What does not take its input must not stop what takes its output.
    if input != -1 { _ = fcntl(input, F_SETFL, O_NONBLOCK) }
    while true {
      guard MonotonicTime.nanoseconds() < deadline, !isCancelled() else {
        end()
        return .timeOver
      }
      var descriptors = [
        pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: input, events: Int16(POLLOUT), revents: 0),
      ]
      guard unsafe poll(&descriptors, 2, 50) > 0 else { continue }
      if descriptors[1].revents != 0 {
        let count = unsafe rest.withUnsafeBytes { unsafe write(input, $0.baseAddress, $0.count) }
        if count > 0 { rest = rest.dropFirst(count) }
        if count < 0 && errno != EAGAIN || rest.isEmpty {
          close(input)
          input = -1
        }
      }
      guard descriptors[0].revents != 0 else { continue }
      let count = unsafe read(output, &buffer, buffer.count)
      guard count > 0 else { break }
      result += buffer[..<count]
      guard result.count <= most else {
        end()
        return .tooMuch
      }
    }
    guard let code = wait(until: deadline, isCancelled) else {
      end()
      return .timeOver
    }
    return .ended(code: code, output: result)
  }

  /// Waits for the end of a process that has closed its output; `nil` if it does not end in time.
  private func wait(until deadline: UInt64, _ isCancelled: () -> Bool) -> Int32? {
    var status: Int32 = 0
    // Under the lock: the number of a process that has been waited for may be another's.
    while Self.running.withLock({ running in
      let hasEnded = unsafe waitpid(process, &status, WNOHANG) != 0
      if hasEnded { running.remove(process) }
      return !hasEnded
    }) {
      guard MonotonicTime.nanoseconds() < deadline, !isCancelled() else { return nil }
      usleep(2000)
    }
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
  }

  /// Ends all processes, and what they have started: this one is about to end.
  static func endAll() {
    running.withLock { for process in $0 { kill(-process, SIGKILL) } }
  }

  private func end() {
    kill(-process, SIGKILL)
    var status: Int32 = 0
    Self.running.withLock { running in
      unsafe waitpid(process, &status, 0)
      running.remove(process)
    }
  }
}
