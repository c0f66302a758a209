// An operator on the admin socket of a server under test.

import Foundation
import Testing

/// A server with an admin socket in a folder for temporary files, and a port for metrics.
final class AdminServerProcess: @unchecked Sendable {
  let path: String
  let process: ServerProcess

  init(
    _ arguments: [String] = ["--open"], listen: String = "tcp://127.0.0.1:0", level: String = "info",
    at path: String = TemporaryFile.newPath(), descriptors: Int? = nil
  ) throws {
    self.path = path
    process = try ServerProcess(
      arguments + ["--admin", path, "--metrics", "tcp://127.0.0.1:0"], listen: listen, level: level,
      descriptors: descriptors)
  }

  deinit {
    unlink(path)
  }

  /// A new operator.
  func connect() throws -> AdminClient { AdminClient(try TestClient(path: path)) }

  /// The answer to one command.
  func ask(_ command: String) throws -> [String] {
    var answer: [String] = []
    // As with `http`.
    try eventually("there was a place") {
      answer = try connect().ask(command)
      return answer.last?.hasSuffix("operators are at work, and no more are served") != true
    }
    return answer
  }

  /// The port for metrics.
  var metricsPort: UInt16 {
    get throws {
      let line = try process.waitForLog("admin listen metrics=tcp://")
      return line.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
    }
  }

  /// The answer to a request in HTTP, over the port for metrics.
  func http(_ request: String) throws -> String {
    var answer = ""
    // There are few places, and on a busy machine those who asked before may not have left theirs yet.
    try eventually("there was a place") {
      let client = try TestClient(port: try metricsPort)
      client.send(request)
      answer = String(decoding: client.readAll(), as: UTF8.self)
      return !answer.isEmpty && !answer.hasSuffix("too many connections\n")
    }
    return answer
  }

  /// The metrics, each sample by its name and labels.
  func metrics() throws -> [String: Double] {
    let text = try http("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try #require(text.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(text)")
    return Self.samples(in: text)
  }

  static func samples(in text: String) -> [String: Double] {
    var samples: [String: Double] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("ssmpd_") || line.hasPrefix("process_") {
      guard let space = line.lastIndex(of: " ") else { continue }
      samples[String(line[..<space])] = Double(line[line.index(after: space)...])
    }
    return samples
  }
}

/// A connection to the admin socket.
final class AdminClient {
  let client: TestClient

  init(_ client: TestClient) {
    self.client = client
  }

  /// Says a command, and returns the answer, its last line included.
  func ask(_ command: String) throws -> [String] {
    client.send(command + "\n")
    return try answer()
  }

  /// The next answer.
  func answer() throws -> [String] {
    var lines: [String] = []
    while true {
      let line = try line()
      lines.append(line)
      if line == "ok" || line.hasPrefix("ok ") || line.hasPrefix("error: ") { return lines }
    }
  }

  /// The next line, without its end.
  func line() throws -> String { String(try client.line().dropLast()) }
}
