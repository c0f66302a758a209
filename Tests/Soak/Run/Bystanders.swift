// Clients that want nothing but to be served in time.

import FuzzHarness
import SSMPTransport

/// Four well-behaved connections, dealt out over the loops, that measure how long a PING's answer takes, or a message from one
/// to the next. They run on a thread of their own.
final class Bystanders: Sendable {
  enum Mode {
    /// Every connection asks, and so wakes its loop.
    case ping
    /// One connection tells the others: nothing but the message wakes their loops.
    case message
  }

  struct Times: Sendable {
    /// In microseconds.
    var pings: [UInt32] = []
    var messages: [UInt32] = []

    /// One line for people.
    static func line(_ name: String, _ times: [UInt32]) -> String {
      guard !times.isEmpty else { return "\(name): none" }
      let sorted = times.sorted()
      func at(_ share: Double) -> String {
        let value = sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        return "\(value / 1000).\(value % 1000 / 100) ms"
      }
      return "\(name): p50 \(at(0.5)), p99 \(at(0.99)), max \(at(1)), of \(sorted.count)"
    }
  }

  static let count = 4

  /// What is much too long whatever the machine is doing.
  static let bound: UInt64 = 6_000_000_000

  private let shared: Shared
  private let plain: SocketAddress
  private let state = Locked(State())

  private struct State {
    var times = Times()
    var isOver = false
    /// The server goes down or has gone: connections may end, and nothing is measured.
    var isInterrupted = true
    /// The number of connections that are there.
    var connected = 0
  }

  init(_ shared: Shared, plain: SocketAddress) {
    (self.shared, self.plain) = (shared, plain)
  }

  var times: Times { state.withLock { $0.times } }
  var connected: Int { state.withLock { $0.connected } }
  func end() { state.withLock { $0.isOver = true } }

  /// Lets connections end, or has them made.
  func interrupt(_ isInterrupted: Bool) { state.withLock { $0.isInterrupted = isInterrupted } }

  /// Measures until the end.
  func run(seed: UInt64) {
    var random = Chance(seed: seed)
    var connections: [Bystander] = []
    var modeUntil: UInt64 = 0
    var speaksAt: UInt64 = 0
    var mode = Mode.ping
    while true {
      let (isOver, isInterrupted) = state.withLock { ($0.isOver, $0.isInterrupted) }
      if isOver { return }
      _ = PatientSocket.wait(reading: connections.map(\.descriptor), milliseconds: 5)
      if isInterrupted {
        connections = []
      } else if connections.isEmpty {
        connections = (0..<Self.count).compactMap { try? Bystander($0, to: plain) }
        if connections.count < Self.count { connections = [] }
      }
      let time = MonotonicTime.nanoseconds()
      if time > modeUntil {
        mode = random.once(in: 2) ? .ping : .message
        modeUntil = time + UInt64(random.below(2000)) * 1_000_000
      }
      for connection in connections {
        let (found, failure) = connection.read()
        state.withLock {
          $0.times.pings += found.pings
          $0.times.messages += found.messages
        }
        if let failure, !state.withLock({ $0.isInterrupted }) { return shared.fail(["bystander: \(failure)"]) }
      }
      let areLoggedIn = connections.allSatisfy(\.isLoggedIn)
      state.withLock { $0.connected = areLoggedIn ? connections.count : 0 }
      guard areLoggedIn, time >= speaksAt, !shared.bystandersAreQuiet else { continue }
      speaksAt = time + 20_000_000
      speak(connections, mode, &random)
    }
  }

  private func speak(_ connections: [Bystander], _ mode: Mode, _ random: inout Chance) {
    switch mode {
    case .ping: for connection in connections { connection.ping() }
    case .message:
      guard let sender = connections.randomElement(using: &random) else { return }
      for recipient in connections where recipient !== sender { sender.tell(recipient) }
    }
  }
}

/// One of them.
final class Bystander {
  let name: String
  let descriptor: Int32
  private(set) var isLoggedIn = false
  private var input: [UInt8] = []
  /// When the PINGs that are not answered were sent.
  private var pings: [UInt64] = []
  /// When messages to this one were sent.
  private var messages: [UInt64] = []
  /// When requests were sent that are answered 200.
  private var answers: [UInt64] = []

  init(_ number: Int, to target: SocketAddress) throws {
    name = "bystander/\(number)"
    descriptor = try OutgoingSocket.connect(to: target)
    _ = PatientSocket.wait(writing: descriptor, milliseconds: 5000)
    send("LOGIN \(name) open\n")
  }

  deinit {
    Socket.close(descriptor)
  }

  private func send(_ text: String) {
    answers.append(MonotonicTime.nanoseconds())
    write(text)
  }

  private func write(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { Socket.send(descriptor, $0) }
  }

  func ping() {
    pings.append(MonotonicTime.nanoseconds())
    write("PING\n")
  }

  func tell(_ other: Bystander) {
    other.messages.append(MonotonicTime.nanoseconds())
    send("UCAST \(other.name) hello\n")
  }

  /// Takes what has come; the failure says what is wrong, if anything is.
  func read() -> (Bystanders.Times, String?) {
    var times = Bystanders.Times()
    reading: while true {
      let (result, bytes) = PatientSocket(descriptor).receive(upTo: 1 << 14)
      switch result {
      case .bytes: input += bytes
      case .wouldBlock: break reading
      case .ended, .failed: return (times, "\(name) was closed")
      }
    }
    let time = MonotonicTime.nanoseconds()
    while let end = input.firstIndex(of: 10) {
      let line = String(decoding: input[..<end], as: UTF8.self)
      input.removeFirst(end + 1)
      func took(_ list: inout [UInt64]) -> UInt32? { list.isEmpty ? nil : UInt32((time - list.removeFirst()) / 1000) }
      if line == "000 . PONG", let value = took(&pings) {
        times.pings.append(value)
      } else if line == "200", took(&answers) != nil {
        isLoggedIn = true
      } else if line.hasSuffix(" hello"), let value = took(&messages) {
        times.messages.append(value)
      } else if line == "000 . PING" {
        write("PONG\n")
      } else {
        return (times, "\(name) has received '\(line)', which answers nothing")
      }
    }
    for (list, what) in [(pings, "a PING"), (messages, "a message"), (answers, "a request")] {
      if let oldest = list.first, time - oldest > Bystanders.bound {
        return (times, "\(what) of \(name) has not been answered after \(Bystanders.bound / 1_000_000_000) s")
      }
    }
    return (times, nil)
  }
}
