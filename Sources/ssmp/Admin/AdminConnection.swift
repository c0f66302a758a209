// A connection to the admin socket.

import CommandLineTools
import Glibc
import SSMPTransport

/// Sends lines to the admin socket and reads what it answers. Its calls wait, each for a limited time.
final class AdminConnection {
  /// How long the server may take for a part of an answer, in milliseconds. A loop that hangs costs it two seconds.
  static let patience: UInt32 = 10_000

  private let path: String
  private let socket: PatientSocket
  private var received: [UInt8] = []
  /// Where the part of `received` begins that has not been taken.
  private var start = 0
  private var hasEnded = false

  /// Connects to the admin socket at `path`.
  ///
  /// - Throws: `Failure` with the code 3 if there is no server.
  init(_ path: String) throws {
    self.path = path
    guard path.utf8.count <= SocketAddress.longestPath, !path.isEmpty else {
      throw OptionError(
        setting: "admin", value: path, accepted: "the path of a socket, of at most \(SocketAddress.longestPath) bytes")
    }
    do throws(SystemError) {
      socket = PatientSocket(try OutgoingSocket.connect(to: .unix(path)))
    } catch {
      throw Failure(.unreachable, "no server answers at '\(path.printable)': \(error.reason)")
    }
  }

  deinit { Socket.close(socket.descriptor) }

  /// Runs `body` with a connection. If the task is cancelled, what the connection waits for ends.
  ///
  /// - Parameter isOrderly: true if only the output is ended then: the server ends the answer, which `body` still reads.
  static func with<Result>(
    _ path: String, isOrderly: Bool = false, _ body: (AdminConnection) throws -> Result
  ) async throws -> Result {
    let connection = try AdminConnection(path)
    defer { withExtendedLifetime(connection) {} }
    let descriptor = connection.socket.descriptor
    return try await withTaskCancellationHandler {
      try body(connection)
    } onCancel: {
      _ = shutdown(descriptor, Int32(isOrderly ? SHUT_WR : SHUT_RDWR))
    }
  }

  /// Sends a text.
  func send(_ text: String) throws {
    guard socket.send(Array(text.utf8), patience: Self.patience) else { throw lost() }
  }

  /// The next line, without its end; `nil` when the server has closed the connection.
  ///
  /// - Parameter milliseconds: the longest wait for it; `nil` for any time.
  func line(within milliseconds: UInt32? = patience) throws -> [UInt8]? {
    var seen = start
    while true {
      if let end = received[seen...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return Array(received[start..<end])
      }
      seen = received.count
      guard try receive(milliseconds) else {
        defer { start = received.count }
        return start < received.count ? Array(received[start...]) : nil
      }
      seen -= forget()
    }
  }

  /// All that comes until the server closes the connection.
  func rest(within milliseconds: UInt32 = patience) throws -> [UInt8] {
    while try receive(milliseconds) {}
    defer { start = received.count }
    return Array(received[start...])
  }

  /// The connection has ended in the middle of an answer.
  func lost() -> Failure { Failure(.connectionLost, "the server at '\(path.printable)' has closed the connection") }

  /// Waits for more bytes; false at the end.
  private func receive(_ milliseconds: UInt32?) throws -> Bool {
    while !hasEnded {
      let (result, bytes) = socket.receive(upTo: 64 << 10)
      switch result {
      case .bytes:
        received += bytes
        return true
      case .wouldBlock:
        guard PatientSocket.wait(reading: [socket.descriptor], milliseconds: milliseconds) != 0 else {
          let time = Units.describe(milliseconds: milliseconds ?? 0)
          throw Failure(.unreachable, "the server at '\(path.printable)' does not answer within \(time)")
        }
      case .ended, .failed: hasEnded = true
      }
    }
    try Task.checkCancellation()
    return false
  }

  /// Forgets what has been taken, once it is much; returns how many bytes that were.
  private func forget() -> Int {
    guard start >= 64 << 10 else { return 0 }
    defer { start = 0 }
    received.removeFirst(start)
    return start
  }
}
