// Playing a vector against a server.

import Foundation
import Testing

/// How the bytes of one line of a vector are handed to the kernel.
enum Segmentation: CaseIterable {
  /// All at once.
  case whole
  /// One byte at a time.
  case single
}

/// One run of a vector.
struct VectorPlayer {
  private let vector: Vector
  private let server: ServerProcess
  private let segmentation: Segmentation
  private var clients: [String: TestClient] = [:]
  /// The connections that can still be used, and those of them that have been answered 200 first.
  private var open: Set<String> = []
  private var loggedIn: Set<String> = []

  init(_ vector: Vector, on server: ServerProcess, _ segmentation: Segmentation) {
    self.vector = vector
    self.server = server
    self.segmentation = segmentation
  }

  /// Plays all steps; at the end nothing may have been sent to anybody that the vector does not mention.
  ///
  /// - Returns: false when a step failed; those behind it have not been played then.
  mutating func play() throws -> Bool {
    for step in vector.steps {
      let client = try clients[step.client] ?? connect(step.client)
      guard try play(step, client) else { return false }
    }
    let end = vector.location(vector.steps.last?.line ?? vector.line)
    for name in open.sorted() {
      guard let client = clients[name] else { continue }
      if loggedIn.contains(name) {
        guard client.expectQuiet(sourceLocation: end) else { return false }
      } else {
        client.endOutput()
        guard client.expectEnd(sourceLocation: end) else { return false }
        open.remove(name)
      }
    }
    // One after the other, so that the server has forgotten all of them when the next run begins.
    for name in open.sorted() {
      clients[name]?.endOutput()
      _ = clients[name]?.readAll()
    }
    return true
  }

  private mutating func connect(_ name: String) throws -> TestClient {
    let client = try server.connect()
    clients[name] = client
    open.insert(name)
    return client
  }

  private mutating func play(_ step: Vector.Step, _ client: TestClient) throws -> Bool {
    let location = vector.location(step.line)
    switch step.action {
    case .send(let bytes): send(bytes, client)
    case .expect(let bytes):
      if bytes.starts(with: Array("200\n".utf8)) { loggedIn.insert(step.client) }
      return client.expect(bytes, sourceLocation: location)
    case .expectInAnyOrder(let lines): return try expect(lines, client, location)
    case .expectQuiet: return client.expectQuiet(sourceLocation: location)
    case .expectEnd:
      open.remove(step.client)
      return client.expectEnd(sourceLocation: location)
    case .endOutput:
      client.endOutput()
      loggedIn.remove(step.client)
    case .reset:
      client.reset()
      open.remove(step.client)
    }
    return true
  }

  private func send(_ bytes: [UInt8], _ client: TestClient) {
    switch segmentation {
    case .whole: client.send(bytes)
    case .single: for byte in bytes { client.send([byte]) }
    }
  }

  private func expect(_ lines: [[UInt8]], _ client: TestClient, _ location: SourceLocation) throws -> Bool {
    let wanted = lines.map(escaped).sorted()
    var got: [String] = []
    for _ in lines { got.append(escaped(Array(try client.line().utf8))) }
    got.sort()
    #expect(got == wanted, sourceLocation: location)
    return got == wanted
  }
}
