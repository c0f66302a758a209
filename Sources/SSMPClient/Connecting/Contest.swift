// Two clients of one name.

/// Finds out that another client uses the same identifier: each login displaces the other client's connection.
struct Contest {
  /// A connection that is lost within this time of its login may have been displaced: 10 seconds.
  static let window: UInt64 = 10_000_000_000
  /// So many in a row are no accident.
  static let limit = 3
  private var losses = 0

  /// Notes that the losses have another reason.
  mutating func reset() { losses = 0 }

  /// Notes that a connection was lost by the server's doing; true if that is contested.
  mutating func lost(loggedInAt login: UInt64, now: UInt64) -> Bool {
    losses = now - login < Self.window ? losses + 1 : 0
    return losses >= Self.limit
  }
}
