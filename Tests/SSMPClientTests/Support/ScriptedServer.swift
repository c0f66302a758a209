// A server that does what a test says.

import Foundation
import SSMPClient
import Testing

/// A server on a free port of the loopback interface, or on a unix socket. Each connection runs the script on a thread of its own.
final class ScriptedServer: @unchecked Sendable {
  typealias Script = @Sendable (ScriptedConnection) throws -> Void

  let port: UInt16
  private let listener: Int32
  private let lock = NSLock()
  private var accepted = 0
  private var open: [ScriptedConnection] = []

  /// - Parameters:
  ///   - port: the port; 0 for a free one.
  ///   - backlog: how many connections the kernel accepts ahead.
  ///   - script: what is done with each connection; they are numbered from 1.
  init(port: UInt16 = 0, _ script: @escaping Script) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) | listen(descriptor, 64) | getsockname(descriptor, $0, &length)
      }
    }
    try #require(result == 0, "the scripted server cannot listen: \(errno)")
    listener = descriptor
    self.port = UInt16(bigEndian: address.sin_port)
    let thread = Thread { [weak self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection != -1, let self else { return }
        self.serve(connection, script)
      }
    }
    thread.start()
  }

  private func serve(_ descriptor: Int32, _ script: @escaping Script) {
    let connection = lock.withLock {
      accepted += 1
      let connection = ScriptedConnection(descriptor, number: accepted)
      open.append(connection)
      return connection
    }
    Thread {
      do {
        try script(connection)
      } catch {
        print("script of connection \(connection.number) failed: \(error)")
        Issue.record("the script has failed: \(error)")
      }
      connection.close()
    }.start()
  }

  deinit { stop() }

  /// Listens no more, and ends all connections.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    lock.withLock {
      for connection in open { connection.interrupt() }
      open = []
    }
  }

  /// The number of connections so far.
  var connections: Int { lock.withLock { accepted } }

  /// The server as a client's setting.
  var address: SSMPClient.ServerAddress { get throws { try .init("tcp://127.0.0.1:\(port)") } }

  /// A client of this server, with short times.
  func configuration(_ id: ID = "me") throws -> SSMPClient.Configuration {
    var configuration = SSMPClient.Configuration(try address, login: .open(id))
    configuration.reconnection.firstPause = .milliseconds(1)
    configuration.reconnection.longestPause = .milliseconds(5)
    configuration.timeouts.closing = .seconds(2)
    return configuration
  }
}

/// The server's end of a connection. Whatever is waited for is waited for a minute at most.
final class ScriptedConnection: @unchecked Sendable {
  let number: Int
  private let descriptor: Int32
  private let lock = NSLock()
  private var isOpen = true
  private var buffer: [UInt8] = []
  /// True to answer PINGs, which are then no lines.
  var answersPings = false

  init(_ descriptor: Int32, number: Int) {
    self.descriptor = descriptor
    self.number = number
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Sends bytes; false if the client is gone.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let result = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard result > 0 else { return false }
      sent += result
    }
    return true
  }

  /// Sends text; false if the client is gone.
  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// The next line without its LF; `nil` at the end of the connection.
  func line() throws -> String? {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 1)
        if line != "PING" || !answersPings { return line }
        send("000 . PONG\n")
        continue
      }
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 60_000) > 0 else { throw ScriptFailure("nothing has come within a minute") }
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else { return nil }
      buffer += chunk[..<count]
    }
  }

  /// Reads the next line, which must be this one.
  func expect(_ expected: String) throws {
    let line = try line()
    guard line == expected else { throw ScriptFailure("expected '\(expected)', got '\(line ?? "the end")'") }
  }

  /// Accepts a login.
  func logIn(_ id: String = "me") throws {
    try expect("LOGIN \(id) open")
    send("200\n")
  }

  /// Answers 200 to all that comes, CLOSE included, until the end.
  func answerAll(_ each: (String) throws -> Void = { _ in }) throws {
    while let line = try line() {
      try each(line)
      if line == "PING" { send("000 . PONG\n") } else if line != "PONG" { send("200\n") }
      if line == "CLOSE" { return }
    }
  }

  /// Waits until the client has ended the connection.
  func waitForEnd() throws {
    while try line() != nil {}
  }

  /// Reads nothing until the test ends.
  func waitForSilence() throws {
    // POLLRDHUP.
    var wait = pollfd(fd: descriptor, events: 0x2000, revents: 0)
    _ = poll(&wait, 1, 60_000)
  }

  /// Breaks the connection, so that the client sees a reset.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  /// Ends the connection.
  func close() {
    lock.withLock {
      if isOpen { Glibc.close(descriptor) }
      isOpen = false
    }
  }

  /// Wakes a script that reads.
  func interrupt() {
    lock.withLock { if isOpen { shutdown(descriptor, Int32(SHUT_RDWR)) } }
  }
}

/// A script cannot go on.
struct ScriptFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// A flag that a script waits for and a test sets, or the other way round.
final class Signal: @unchecked Sendable {
  private let condition = NSCondition()
  private var isSet = false

  func set() {
    condition.lock()
    isSet = true
    condition.broadcast()
    condition.unlock()
  }

  var isReached: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isSet
  }

  /// Waits at most a minute, which scripts may and tasks may not.
  func wait() throws {
    condition.lock()
    defer { condition.unlock() }
    let end = Date() + 60
    while !isSet {
      guard condition.wait(until: end) else { throw ScriptFailure("no signal within a minute") }
    }
  }
}

/// A value that threads add to.
final class Collected<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [Value] = []

  var all: [Value] { lock.withLock { values } }
  func add(_ value: Value) { lock.withLock { values.append(value) } }
}

/// Waits until something holds, a minute at most.
func eventually(_ what: String, _ isTrue: () throws -> Bool) async throws {
  let end = ContinuousClock.now + .seconds(60)
  while try !isTrue() {
    guard ContinuousClock.now < end else { throw ScriptFailure("it did not happen within a minute that \(what)") }
    try await Task.sleep(for: .milliseconds(2))
  }
}
