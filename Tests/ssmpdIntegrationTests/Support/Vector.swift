// A dialogue with the server, as data.

import Foundation
import Testing

/// One vector: what is sent to a server, what must come back, and the clauses of the specification that say so.
struct Vector: Sendable {
  /// What one connection does, or must see.
  enum Action: Sendable {
    /// Bytes to be sent.
    case send([UInt8])
    /// The bytes that must come next.
    case expect([UInt8])
    /// The lines that must come next, in whatever order.
    case expectInAnyOrder([[UInt8]])
    /// The end of the connection, and nothing before it.
    case expectEnd
    /// Nothing: the answer to a PING is the next thing that comes.
    case expectQuiet
    /// The client says that it will send nothing more.
    case endOutput
    /// The client breaks the connection.
    case reset
  }

  /// An action, the connection it is about, and where it stands.
  struct Step: Sendable {
    let client: String
    var action: Action
    let line: Int
  }

  let file: URL
  let line: Int
  let title: String
  var citations: [Citation] = []
  var arguments: [String] = ["--open"]
  /// The content of a secret file, if the server is to have one.
  var secret: [UInt8]?
  var steps: [Step] = []

  /// The place of a line of the vector, for the report of a failure.
  func location(_ line: Int) -> SourceLocation {
    let name = "ssmpdIntegrationTests/\(file.lastPathComponent)"
    return SourceLocation(fileID: name, filePath: file.path, line: line, column: 1)
  }

  /// The folder of the vectors.
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors")

  /// All vectors of all files.
  static func all() throws -> [Vector] {
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "vectors" }
      .sorted { $0.path < $1.path }
    return try files.flatMap { try VectorReader.read($0) }
  }
}

extension Vector: CustomTestStringConvertible {
  var testDescription: String { "\(file.deletingPathExtension().lastPathComponent): \(title)" }
}

/// What a vector or a test refers to.
enum Citation: Sendable, Hashable {
  /// A sentence of the specification, with its number in `clauses.txt`.
  case clause(Int, text: String)
  /// The resolution of something that the specification leaves open (docs/protocol.md).
  case reading(Int)
}
