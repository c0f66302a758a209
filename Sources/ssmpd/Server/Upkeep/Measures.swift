// What one loop measures beside its counts.

import Containers
import SSMPCore
import SSMPTransport

/// How busy a loop is, how its connections stand, and how long handshakes take. Nothing here is touched for a message.
struct Measures: Sendable {
  /// The turns, by how long they took without their wait. Input that comes while a turn is in
  /// progress waits at most this long for the next one.
  var turns = Histogram()
  /// The handshakes that were completed, by the time from accepting the connection on.
  var handshakes = Histogram()
  /// The time that the loop has spent in handshakes, in nanoseconds.
  var handshakeWork: UInt64 = 0
  /// The connections at each stage.
  private var stages = CaseCounts<ConnectionStage, Int>()

  /// The number of connections at a stage.
  subscript(stage: ConnectionStage) -> Int { stages[stage] }

  /// A connection has come to a stage from another one, or from nowhere, or has gone.
  mutating func move(from old: ConnectionStage?, to new: ConnectionStage?) {
    if let old { stages[old] -= 1 }
    if let new { stages[new] += 1 }
  }

  /// The number of connections.
  var connections: Int { ConnectionStage.allCases.reduce(0) { $0 + self[$1] } }

  static func += (sum: inout Measures, other: Measures) {
    sum.turns += other.turns
    sum.handshakes += other.handshakes
    sum.handshakeWork += other.handshakeWork
    sum.stages += other.stages
  }
}
