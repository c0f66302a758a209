// What an operator may ask a loop about its connections.

import CommandLineTools
import SSMPCore
import SSMPTransport

/// A connection for as long as it lasts, also when it has no name: written `#loop.slot.generation`.
struct ConnectionHandle: Equatable, Sendable, CustomStringConvertible {
  let loop: Int
  let slot: UInt32
  let generation: UInt32

  init(loop: Int, slot: UInt32, generation: UInt32) {
    self.loop = loop
    self.slot = slot
    self.generation = generation
  }

  /// Reads what `description` writes. No identifier begins with its `#`.
  init?(_ text: String) {
    guard text.hasPrefix("#") else { return nil }
    let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false).map { Units.digits($0) }
    guard parts.count == 3, let loop = parts[0], let slot = parts[1].flatMap(UInt32.init(exactly:)),
      let generation = parts[2].flatMap(UInt32.init(exactly:)), loop < ClientID.maxLoops
    else { return nil }
    self.init(loop: loop, slot: slot, generation: generation)
  }

  var description: String { "#\(loop).\(slot).\(generation)" }
}

/// A connection in a listing. Text is made of it on the thread that has asked.
struct ConnectionSummary: Sendable {
  let handle: ConnectionHandle
  /// The identifier; `nil` before the login and after the end.
  let identifier: [UInt8]?
  let stage: ConnectionStage
  let peer: PeerAddress
  let port: UInt16
  /// Since it was accepted.
  let seconds: UInt32
  /// Output that has not been taken, in bytes.
  let pending: Int
  let subscriptions: Int
  let requests: UInt64
  let bytesIn: UInt64
  let bytesOut: UInt64
}

/// All there is to know of a connection.
struct ConnectionDetails: Sendable {
  let summary: ConnectionSummary
  /// Protocol and cipher; `nil` without TLS, or before the end of the handshake.
  let tls: String?
  let isTLS: Bool
  let isResumed: Bool
  let hasCertificate: Bool
  let schemes: SchemeSet
  /// Input that waits to be served, in bytes.
  let kept: Int
  let flags: Connection.Flags
  let isTapped: Bool
}

extension EventLoop {
  /// The connections with identifiers that begin with `prefix`. If `prefix` is empty, all
  /// connections, also those without an identifier.
  ///
  /// - Parameter start: 0, or `next` of the piece before.
  mutating func listConnections(from start: Int, prefix: [UInt8]) -> ListingPage<ConnectionSummary> {
    var page = ListingPage<ConnectionSummary>()
    let given = Int(connections.slots.upperBound)
    let end = min(start + Tuning.listingPiece, given)
    guard start >= 0, start < end else { return page }
    hub.withRegistry { registry in
      for slot in UInt32(start)..<UInt32(end) where connections[slot].state != .closed {
        let name = registry.identifier(of: client(slot))
        guard prefix.isEmpty || name?.starts(with: prefix) == true else { continue }
        page.items.append(summary(slot, name, registry.subscriptionCount(of: client(slot))))
      }
    }
    page.next = end < given ? end : nil
    return page
  }

  /// The handle of the connection that is logged in under `name` here.
  func handle(of client: ClientID, named name: [UInt8]) -> ConnectionHandle? {
    guard client.loop == index, client.slot < connections.slots.upperBound else { return nil }
    let isSame = hub.withRegistry { $0.identifier(of: client) == name }
    guard isSame, connections[client.slot].state != .closed else { return nil }
    return ConnectionHandle(loop: index, slot: client.slot, generation: connections[client.slot].generation)
  }

  /// The slot of a connection, as long as it is there.
  func slot(of handle: ConnectionHandle) -> UInt32? {
    guard handle.loop == index, handle.slot < connections.slots.upperBound,
      connections[handle.slot].generation == handle.generation, connections[handle.slot].state != .closed
    else { return nil }
    return handle.slot
  }

  /// What is known of a connection; `nil` when it is gone.
  func details(of handle: ConnectionHandle) -> ConnectionDetails? {
    guard let slot = slot(of: handle) else { return nil }
    let connection = connections[slot]
    let (name, count) = hub.withRegistry {
      ($0.identifier(of: client(slot)), $0.subscriptionCount(of: client(slot)))
    }
    let isEstablished = connection.tls != nil && !connection.flags.contains(.handshaking)
    return ConnectionDetails(
      summary: summary(slot, name, count), tls: isEstablished ? connection.tls?.description : nil,
      isTLS: connection.tls != nil || connection.flags.contains(.handshaking),
      isResumed: connection.tls?.isResumed ?? false, hasCertificate: connection.tls?.hasCertificate ?? false,
      schemes: connection.session.schemes, kept: connection.kept.count, flags: connection.flags,
      isTapped: connection.flags.contains(.tapped))
  }

  /// Subscriptions of a connection; `nil` when it is gone.
  func listSubscriptions(of handle: ConnectionHandle, from start: Int?) -> ListingPage<SubscriptionSummary>? {
    guard let slot = slot(of: handle) else { return nil }
    return hub.withRegistry { $0.subscriptions(of: client(slot), from: start, atMost: Tuning.listingPiece) }
  }

  /// Ends a connection because an operator asks for it; false when it is over already.
  mutating func closeForOperator(_ handle: ConnectionHandle) -> Bool {
    guard let slot = slot(of: handle), connections[slot].state == .open, drain.phase == .running else { return false }
    // In the middle of a handshake there is nobody to say anything to.
    if connections[slot].flags.contains(.handshaking) {
      abort(slot, .operatorRequest)
    } else {
      finish(slot, .operatorRequest)
    }
    return true
  }

  private func summary(_ slot: UInt32, _ name: [UInt8]?, _ subscriptions: Int) -> ConnectionSummary {
    let connection = connections[slot]
    return ConnectionSummary(
      handle: ConnectionHandle(loop: index, slot: slot, generation: connection.generation), identifier: name,
      stage: connection.stage, peer: hub.admissions.peer(connection.address), port: connection.port,
      seconds: Ticks.seconds() &- connection.opened, pending: connection.backlog.count, subscriptions: subscriptions,
      requests: connection.requests, bytesIn: connection.bytesIn, bytesOut: connection.bytesOut)
  }
}
