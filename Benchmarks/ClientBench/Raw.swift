// The same with raw sockets: what a client costs that does nothing but its task.

import Glibc
import SSMPCore
import SSMPTransport

/// A failure of a raw socket.
struct RawFailure: Error, CustomStringConvertible {
  let description: String
}

/// `tcp://127.0.0.1:PORT`.
struct RawAddress {
  let port: UInt16

  init(_ text: String) throws {
    guard text.hasPrefix("tcp://127.0.0.1:"), let port = UInt16(text.dropFirst(16)) else {
      throw RawFailure(description: "raw sockets connect to tcp://127.0.0.1:PORT alone")
    }
    self.port = port
  }
}

/// A blocking socket that is logged in.
final class RawSocket: @unchecked Sendable {
  let descriptor: Int32
  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
  private var kept = 0

  init(_ address: RawAddress, _ id: String) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = address.port.bigEndian
    target.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw RawFailure(description: "cannot connect: \(String(cString: strerror(errno)))") }
    try send("LOGIN \(id) open\n")
    try receive(until: 1) { $0.code == 200 ? 1 : 0 }
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let result = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard result > 0 else { throw RawFailure(description: "the server has ended the connection") }
      sent += result
    }
  }

  /// Reads messages until `count` of them have been counted by `each`.
  func receive(until count: Int, _ each: (Message) -> Int) throws {
    var counted = 0
    while counted < count {
      let received = recv(descriptor, memory.baseAddress.unsafelyUnwrapped + kept, 64 << 10, 0)
      guard received > 0 else { throw RawFailure(description: "the server has ended the connection") }
      let bytes = UnsafeRawBufferPointer(rebasing: memory[..<(kept + received)])
      var place = 0
      var model: Message?
      while place < bytes.count {
        let outcome =
          model.map { MessageParser.parse(bytes.bytes, at: place, like: $0) }
          ?? MessageParser.parse(bytes.bytes, at: place)
        guard case .complete(let message) = outcome else { break }
        if message.verb == .ping { try send("PONG\n") }
        counted += each(message)
        model = message
        place = Int(message.end)
      }
      kept = bytes.count - place
      memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[place...]))
    }
  }
}

extension ClientBench {
  static func rawReceive(_ address: RawAddress, _ count: Int) throws {
    let socket = try RawSocket(address, "receiver")
    try socket.send("SUBSCRIBE flood\n")
    try socket.receive(until: 1) { $0.isEvent ? 0 : 1 }
    try socket.receive(until: 1) { $0.verb == .mcast ? 1 : 0 }
    let (start, clock) = (cpu, ContinuousClock.now)
    try socket.receive(until: count) { $0.verb == .mcast ? 1 : 0 }
    report(count, "events", since: start, clock)
  }

  /// Floods the topic `flood` for so many seconds: what a receiver gets then is as much as it takes.
  static func flood(_ address: RawAddress, _ seconds: Int) throws {
    let socket = try RawSocket(address, "flooder")
    let line = "MCAST flood " + String(repeating: "x", count: 64) + "\n"
    let batch = Array(String(repeating: line, count: 512).utf8)
    let end = MonotonicTime.nanoseconds() + UInt64(seconds) * 1_000_000_000
    while MonotonicTime.nanoseconds() < end {
      try socket.send(batch)
      try socket.receive(until: 512) { $0.isEvent ? 0 : 1 }
    }
  }

  /// Sends messages, 64 of them before their responses.
  static func rawSend(_ address: RawAddress, _ count: Int) throws {
    let socket = try RawSocket(address, "sender")
    let line = "MCAST nowhere " + String(repeating: "x", count: 64) + "\n"
    let batch = Array(String(repeating: line, count: 64).utf8)
    let (start, clock) = (cpu, ContinuousClock.now)
    for _ in 0..<count / 64 {
      try socket.send(batch)
      try socket.receive(until: 64) { $0.isEvent ? 0 : 1 }
    }
    report(count / 64 * 64, "messages", since: start, clock)
  }

  /// Sends a request to another socket, whose thread answers it, one at a time.
  static func rawCall(_ address: RawAddress, _ count: Int) throws {
    let (caller, echo) = (try RawSocket(address, "caller"), try RawSocket(address, "echo"))
    var thread = pthread_t()
    let box = Unmanaged.passRetained(echo)
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let echo = Unmanaged<RawSocket>.fromOpaque(argument).takeUnretainedValue()
        // The response to an answer comes with the next request.
        while (try? echo.receive(until: 1, { $0.verb == .ucast ? 1 : 0 })) != nil {
          guard (try? echo.send("UCAST caller !abcdefghijklmnop 200 hello\n")) != nil else { break }
        }
        return nil
      }, box.toOpaque())
    var times: [UInt64] = []
    for _ in 0..<count {
      let start = MonotonicTime.nanoseconds()
      try caller.send("UCAST echo ?abcdefghijklmnop echo hello\n")
      try caller.receive(until: 1) { $0.verb == .ucast ? 1 : 0 }
      times.append(MonotonicTime.nanoseconds() - start)
    }
    report(Array(times.dropFirst(count / 10)))
    exit(0)
  }
}
