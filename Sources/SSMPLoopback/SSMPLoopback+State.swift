// What a test is told.

import SSMPClient

extension SSMPLoopback {
  /// The clients that are logged in, in the order of their identifiers, when all that was sent
  /// before this call is served. Each anonymous client is one `ID.anonymous`.
  public var clients: [ID] {
    core.locked { $0.clients.compactMap(ID.init(known:)).sorted() }
  }

  /// The clients that are subscribed to a topic, and whether with presence, when all that was sent
  /// before this call is served.
  public func members(of topic: ID) -> [ID: Bool] {
    core.locked { server in
      var members: [ID: Bool] = [:]
      for member in server.members(of: topic.bytes) {
        if let id = ID(known: member.identifier) { members[id] = member.hasPresence }
      }
      return members
    }
  }

  /// Waits until everything that clients have sent so far, or that they were asked to send, has
  /// been served, and all that follows from it is in the recipients' sequences, so that a reader
  /// gets it without waiting. That includes what clients do by themselves, such as subscribing
  /// again once they are logged in.
  ///
  /// It does not wait for programs to take events, for clients that pause before they connect again
  /// (wait for `SSMPClient.states`), nor for a credential that a client looks up; and a client
  /// without room in a sequence has not read everything. While other tasks go on sending, it waits
  /// for no more than sixteen exchanges with them.
  public func settled(isolation: isolated (any Actor)? = #isolation) async {
    var before: UInt64?
    for _ in 0..<16 {
      // The clients send what they have, and read what they were given.
      await ClientThread.turn(isolation: isolation)
      guard let activity = await core.delivered(isolation: isolation), activity != before else { return }
      before = activity
    }
  }
}

extension ID {
  /// The identifier of these bytes, which the registry has found valid.
  fileprivate init?(known bytes: [UInt8]) {
    guard let id = try? ID(String(decoding: bytes, as: UTF8.self)) else { return nil }
    self = id
  }
}
