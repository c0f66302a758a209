// Copies of what a connection sends and is sent, for an operator that taps it.

import SSMPCore
import SSMPTransport

/// The taps of a loop's connections. Hardly ever is there one.
struct Taps {
  /// By slot.
  var taps: [UInt32: [Tap]] = [:]
  /// The reasons of tapped connections that are about to end.
  var reasons: [UInt32: CloseReason] = [:]
}

extension EventLoop {
  /// Begins to copy what a connection sends and is sent; false when the connection is over.
  mutating func addTap(_ tap: Tap, to handle: ConnectionHandle) -> Bool {
    guard let slot = slot(of: handle), connections[slot].state == .open else { return false }
    taps.taps[slot, default: []].append(tap)
    connections[slot].flags.insert(.tapped)
    return true
  }

  /// No longer copies for this tap.
  mutating func removeTap(_ tap: Tap, from handle: ConnectionHandle) {
    guard let slot = slot(of: handle), var those = taps.taps[slot] else { return }
    those.removeAll { $0 === tap }
    taps.taps[slot] = those.isEmpty ? nil : those
    if those.isEmpty { connections[slot].flags.remove(.tapped) }
  }

  /// Copies the requests of the batch, but for those that are held back, which come again. What breaks the grammar is not
  /// shown: it may hold a credential.
  @inline(never)
  func tapInput(_ slot: UInt32, _ bytes: UnsafeRawBufferPointer, _ progress: Progress) {
    guard let those = taps.taps[slot] else { return }
    var end = Int.max
    switch progress {
    case .held(let at), .yielded(let at): end = at
    case .done, .ended: break
    }
    for number in 0..<intake.batch.count {
      let request = intake.batch[number]
      guard Int(request.start) < end else { return }
      let head = request.head(bytes.bytes)
      let payload = request.payload
      let isUnknown = request.verb == .unknown
      for tap in those {
        tap.add(
          .input, bytes, head: head, payload: payload,
          payloadLength: isUnknown ? request.line.upperBound - head.upperBound : payload.count,
          isLogin: request.verb == .login)
      }
    }
    guard intake.batch.stop == .invalid, end == .max else { return }
    let fault = batchFault(slot, bytes)
    for tap in those {
      tap.add(
        .input, bytes, head: intake.batch.end..<intake.batch.end, payload: 0..<0,
        payloadLength: bytes.count - intake.batch.end,
        fault: fault)
    }
  }

  /// Copies what is sent to a connection.
  @inline(never)
  func tapOutput(_ slot: UInt32, _ bytes: UnsafeRawBufferPointer) {
    guard let those = taps.taps[slot] else { return }
    var place = 0
    while place < bytes.count {
      // Only whole messages are staged, and all of them follow the grammar.
      guard case .complete(let message) = MessageParser.parse(bytes.bytes, at: place) else { return }
      // What follows a response's code is the server's own: the schemes that it offers.
      let head = message.isEvent ? message.head : message.line
      let payload = message.isEvent ? message.payload : message.line.upperBound..<message.line.upperBound
      for tap in those { tap.add(.output, bytes, head: head, payload: payload, payloadLength: payload.count) }
      place = Int(message.end)
    }
  }

  /// A connection that is tapped is over: it has been sent what it was told last.
  @inline(never)
  mutating func endTaps(_ slot: UInt32) {
    connections[slot].flags.remove(.tapped)
    let reason = taps.reasons.removeValue(forKey: slot)
    for tap in taps.taps.removeValue(forKey: slot) ?? [] { tap.end(reason?.name.description ?? "-") }
  }
}
