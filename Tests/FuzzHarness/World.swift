// The event loops, played in one thread.

import SSMPCore

/// A registry with the loops and connections around it, which do what the loops of a server would do: parse, serve, keep
/// what was held back, take logs and work them off; every step when its caller says so.
public final class World {
  /// The registry under test.
  public var registry: Registry
  /// All connections there ever were, by number.
  public var connections: [Connection] = []
  /// What the registry was told, in order.
  public private(set) var history: [Step] = []
  /// The shared secret of the `secret` scheme.
  public let secret: [UInt8]?
  /// The time that senders are told.
  public var time: UInt32 = 0
  /// True when all pending output takes much memory, which senders are told, too.
  public var pressure = Pressure.none
  let loops: [Loop]

  /// A world without connections.
  public init(
    loops: Int = 1, limits: RegistryLimits = RegistryLimits(), secret: [UInt8]? = nil,
    key: (UInt64, UInt64) = (0x1234_5678_9abc_def0, 0x0fed_cba9_8765_4321)
  ) {
    registry = Registry(
      loops: loops, limits: limits, rules: LoginRules(secret: secret.map(Secret.init)), key: key)
    self.secret = secret
    self.loops = (0..<loops).map { _ in Loop() }
  }

  /// Accepts a connection on a loop and returns its number.
  ///
  /// - Parameter names: what its certificate proves; `nil` when it presents none.
  public func connect(
    loop: Int = 0, schemes: SchemeSet = SchemeSet([.open]), strict: Bool = false, names: CertificateNames? = nil
  ) -> Int {
    let number = connections.count
    let slot = loops[loop].occupy(by: number)
    connections.append(
      Connection(
        client: ClientID(loop: loop, slot: slot), schemes: schemes, names: names,
        session: Session(schemes: schemes, strict: strict)))
    return number
  }

  /// Lets a connection send bytes, which are served at once unless it is held back.
  @discardableResult
  public func send(_ number: Int, _ bytes: [UInt8]) -> Progress {
    guard !connections[number].isOver else { return .ended }
    connections[number].input += bytes
    guard !connections[number].isHeld else { return .held(at: 0) }
    return serve(number)
  }

  /// Ends a connection from the client's side.
  public func hangUp(_ number: Int) {
    guard !connections[number].isOver else { return }
    history.append(.left(number))
    connections[number].hungUp = true
    connections[number].input = []
    release(connections[number].client)
  }

  /// Reports a connection's pending output to be over the soft mark, or no longer.
  public func setCongested(_ number: Int, _ isCongested: Bool) {
    setCongestion(number, isCongested ? .waitedFor : .none)
  }

  /// The same, with senders waiting for it or not.
  public func setCongestion(_ number: Int, _ congestion: Congestion) {
    guard !connections[number].isOver else { return }
    registry.setCongestion(connections[number].client, congestion)
    acted(connections[number].client.loop)
  }

  /// Has a loop tell more of what departures have left to be told; true when there is more.
  @discardableResult
  public func advanceDepartures(on loop: Int) -> Bool {
    let progress = registry.advanceDepartures(on: loop)
    acted(loop)
    return progress != .done
  }

  /// Produces the next slice of a connection's initial batches, if there is one.
  public func continueRosters(_ number: Int) {
    guard connections[number].owesRoster else { return }
    connections[number].owesRoster = false
    guard !connections[number].isOver else { return }
    registry.continueRosters(of: connections[number].client)
    acted(connections[number].client.loop)
  }

  /// Serves all that a connection has sent, as far as it goes.
  func serve(_ number: Int) -> Progress {
    let client = connections[number].client
    var batch = RequestBatch()
    while true {
      let input = connections[number].input
      var session = connections[number].session
      batch.parse(input.span.bytes, from: 0, framing: &session.framing)
      if session.phase == .awaitingLogin, let names = connections[number].names {
        session.present(names, for: batch, input.span.bytes)
      }
      let progress = registry.serve(
        batch, input.span.bytes, from: client, session: &session,
        sender: SenderState(time: time, isPatient: connections[number].isPatient, pressure: pressure))
      connections[number].session = session
      acted(client.loop)
      var lines: [[UInt8]] = []
      for index in 0..<batch.count {
        if let place = progress.stop, batch[index].start >= place { break }
        lines.append(Array(input[batch[index].line]))
      }
      history.append(.served(number, lines: lines, isBroken: progress == .ended && batch.stop == .invalid))
      switch progress {
      case .done:
        connections[number].input.removeFirst(batch.end)
        guard batch.stop == .full else { return progress }
      case .held(let place):
        if session.phase == .awaitingLogin { history.append(.displaced(by: Array(input[batch[0].id]))) }
        connections[number].input.removeFirst(place)
        connections[number].isHeld = true
        return progress
      case .yielded(let place):
        connections[number].input.removeFirst(place)
        connections[number].yields += 1
        // In another turn: after others, which is not this client's to decide.
        guard pressure == .none else {
          connections[number].isHeld = true
          return progress
        }
      case .ended:
        connections[number].input = []
        return progress
      }
    }
  }

  /// Tells the registry that a connection is gone, and frees its slot once nothing on its way can be meant for it.
  func release(_ client: ClientID) {
    registry.leave(client)
    loops[client.loop].leaving.append(client.slot)
    acted(client.loop)
  }

  /// Notes who is going to look at its log after a step of `loop`: that loop itself, and those that were woken.
  public func acted(_ loop: Int) {
    let outlook = registry.outlook(of: loop)
    loops[loop].duty.noted(isEmpty: outlook.staged == 0)
    for index in loops.indices where outlook.woken >> UInt64(index) & 1 != 0 { loops[index].duty.woken() }
  }
}

extension Progress {
  /// Where serving a batch stopped, if it did not come to its end.
  public var stop: Int? {
    switch self {
    case .held(let place), .yielded(let place): place
    case .done, .ended: nil
    }
  }
}
