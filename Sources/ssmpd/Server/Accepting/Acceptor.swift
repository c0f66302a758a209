// Accepting connections and handing them to the loops.

import SSMPCore
import SSMPTransport

/// The listeners of the server, served by the first loop: one acceptor deals out connections evenly.
struct Acceptor: ~Copyable {
  /// A listening socket and the schemes it offers.
  struct Listener {
    let socket: ListeningSocket
    /// Which `listen` of the configuration it belongs to: systemd may hand over several sockets for one.
    let setting: Int
    var schemes: SchemeSet
    let isTLS: Bool
    /// There may be connections waiting.
    var isReady = true
  }

  var listeners: [Listener]
  let hub: Hub
  private var nextLoop = 0
  /// Loops that have been handed connections and are still to be told, one bit each.
  private var wakes: UInt64 = 0
  /// A descriptor in reserve, -1 when even that one is gone.
  private var spare: Int32
  /// When descriptors had run out.
  private var pausedSince: Ticks?
  private var totalLimit = RefusalLine(.connectionLimit)
  private var addressLimit = RefusalLine(.addressLimit)
  private var waitingLimit = RefusalLine(.waitingLimit)
  private var throttled = RefusalLine(.loginThrottled)
  private var descriptorLimit = RefusalLine(.descriptorLimit)
  /// True when connections have been refused that no line of the log tells of yet.
  private(set) var isOwing = false

  init(_ listeners: [Listener], hub: Hub) {
    self.listeners = listeners
    self.hub = hub
    // Only the first loop has any.
    spare = listeners.isEmpty ? -1 : DescriptorLimit.spare()
  }

  /// Connections may be waiting at this listener.
  mutating func becomeReady(_ index: Int) {
    listeners[index].isReady = true
  }

  /// The milliseconds until accepting is worth a try: `nil` when nothing waits, as far as is known.
  func remaining(now: Ticks) -> UInt32? {
    guard listeners.contains(where: \.isReady) else { return nil }
    guard let pausedSince else { return 0 }
    let passed = now.since(pausedSince)
    return passed >= Tuning.acceptPause ? 0 : Tuning.acceptPause - passed
  }

  /// Accepts what waits, up to a bound, and returns what is to stay on the first loop.
  mutating func accept(now: Ticks, _ settings: Settings, counters: inout Counters) -> [Arrival] {
    guard remaining(now: now) == 0 else { return [] }
    pausedSince = nil
    var own: [Arrival] = []
    for index in 0..<listeners.count {
      var budget = Tuning.acceptBatch
      while budget > 0, listeners[index].isReady, pausedSince == nil {
        budget -= 1
        if let arrival = acceptOne(at: index, now: now, settings, counters: &counters) { own.append(arrival) }
      }
    }
    return own
  }

  /// Accepts one connection; returns it when it is to stay on the first loop.
  private mutating func acceptOne(
    at index: Int, now: Ticks, _ settings: Settings, counters: inout Counters
  ) -> Arrival? {
    switch listeners[index].socket.accept() {
    case .none:
      listeners[index].isReady = false
      return nil
    case .gone:
      return nil
    case .exhausted:
      refuseWaiting(at: index, now: now, counters: &counters)
      return nil
    case .accepted(let socket):
      let arrival = admit(socket, at: index, now: now, settings, counters: &counters)
      guard let arrival else { return nil }
      return dealOut(arrival)
    }
  }

  /// Hands a connection to the next loop in turn. If that is the first loop, returns the
  /// connection.
  private mutating func dealOut(_ arrival: Arrival) -> Arrival? {
    let loop = nextLoop
    nextLoop = (nextLoop + 1) % hub.loops
    if loop == 0 { return arrival }
    if hub.send(arrival, to: loop) { wakes |= 1 << UInt64(loop) }
    return nil
  }

  /// The loops to be woken because they have been handed connections.
  mutating func takeWakes() -> UInt64 {
    defer { wakes = 0 }
    return wakes
  }

  /// Stops listening.
  mutating func close(watchedBy poller: borrowing Poller) {
    for listener in listeners {
      // One that is inherited stays open elsewhere, and would go on to be reported.
      poller.remove(listener.socket.descriptor)
      listener.socket.close()
    }
    listeners.removeAll()
  }

  private mutating func admit(
    _ socket: AcceptedSocket, at index: Int, now: Ticks, _ settings: Settings, counters: inout Counters
  ) -> Arrival? {
    if hub.logins.isWatching,
      !hub.logins.admits(socket.peer, limit: settings.maxFailedLogins, now: Ticks.seconds())
    {
      Socket.close(socket.descriptor)
      counters[.loginThrottled] += 1
      isOwing = !throttled.occur(of: socket.peer, now: now, hub.log) || isOwing
      return nil
    }
    switch hub.admissions.admit(socket.peer) {
    case .success(let address):
      counters.accepted += 1
      return Arrival(
        socket: socket, address: address, schemes: listeners[index].schemes, isTLS: listeners[index].isTLS)
    case .failure(let refusal):
      // Closed without a word: nobody has logged in yet.
      Socket.close(socket.descriptor)
      note(refusal, of: socket.peer, now: now, counters: &counters)
      return nil
    }
  }

  private mutating func note(
    _ refusal: Admissions.Refusal, of peer: PeerAddress, now: Ticks, counters: inout Counters
  ) {
    let isLogged: Bool
    switch refusal {
    case .total:
      counters[.connectionLimit] += 1
      isLogged = totalLimit.occur(of: peer, now: now, hub.log)
    case .descriptors:
      counters[.descriptorLimit] += 1
      isLogged = descriptorLimit.occur(of: nil, now: now, hub.log)
    case .address:
      counters[.addressLimit] += 1
      isLogged = addressLimit.occur(of: peer, now: now, hub.log)
    case .waiting:
      counters[.waitingLimit] += 1
      isLogged = waitingLimit.occur(of: peer, now: now, hub.log)
    }
    if !isLogged { isOwing = true }
  }

  /// Writes how many connections were refused since the last line of their kind, where that was long enough ago.
  mutating func writeOwedLines(_ now: Ticks, _ isEnd: Bool) {
    guard isOwing else { return }
    isOwing = false
    isOwing = totalLimit.writeRest(now, isEnd, hub.log) || isOwing
    isOwing = addressLimit.writeRest(now, isEnd, hub.log) || isOwing
    isOwing = waitingLimit.writeRest(now, isEnd, hub.log) || isOwing
    isOwing = throttled.writeRest(now, isEnd, hub.log) || isOwing
    isOwing = descriptorLimit.writeRest(now, isEnd, hub.log) || isOwing
  }

  /// Descriptors have run out. With the spare descriptor the server accepts one waiting connection
  /// and closes it, so that its client need not wait. Then it accepts none for a while. The other
  /// waiting connections are served when there are descriptors again, or refused one by one.
  private mutating func refuseWaiting(at index: Int, now: Ticks, counters: inout Counters) {
    pausedSince = now
    if spare != -1 { Socket.close(spare) }
    if case .accepted(let socket) = listeners[index].socket.accept() {
      Socket.close(socket.descriptor)
      counters[.descriptorLimit] += 1
    }
    spare = DescriptorLimit.spare()
    if !descriptorLimit.occur(of: nil, now: now, hub.log) { isOwing = true }
  }
}

/// The line that tells of connections refused for one reason.
private struct RefusalLine {
  private let reason: CloseReason
  private var message = RepeatedMessage()
  /// The address that the next line names.
  private var peer: PeerAddress?

  init(_ reason: CloseReason) {
    self.reason = reason
  }

  /// One connection was refused; false when no line tells of it yet.
  mutating func occur(of peer: PeerAddress?, now: Ticks, _ log: Log) -> Bool {
    self.peer = peer
    guard let count = message.occur(now: now) else { return false }
    write(count, log)
    return true
  }

  /// Tells of the rest when it is time for that; true when it is not, and there is a rest.
  mutating func writeRest(_ now: Ticks, _ isEnd: Bool, _ log: Log) -> Bool {
    if let count = message.rest(now, isEnd) { write(count, log) }
    return message.isOwing
  }

  private func write(_ count: Int, _ log: Log) {
    let whom = peer.map { " peer=\($0)" } ?? ""
    log.write(reason.logLevel, "refuse reason=\(reason.name)\(whom) count=\(count)")
  }
}
