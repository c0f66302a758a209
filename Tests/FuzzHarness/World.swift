// The event loops, played in one thread.

import SSMPCore

/// A registry with the loops and connections around it, which do what the loops of a server would do: parse, serve, keep
/// what was held back, take logs and work them off; every step when its caller says so.
public final class World {
  /// The registry under test.
  public var registry: Registry
  /// All connections there ever were, by number.
  public internal(set) var connections: [Connection] = []
  /// What the registry was told, in order.
  public private(set) var history: [Step] = []
  /// The shared secret of the `secret` scheme.
  public let secret: [UInt8]?
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
    guard !connections[number].isOver else { return }
    registry.setCongested(connections[number].client, isCongested)
    acted(connections[number].client.loop)
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
      let progress = registry.serve(batch, input.span.bytes, from: client, session: &session)
      connections[number].session = session
      acted(client.loop)
      var lines: [[UInt8]] = []
      for index in 0..<batch.count {
        if case .held(let place) = progress, batch[index].start >= place { break }
        lines.append(Array(input[batch[index].line]))
      }
      history.append(.served(number, lines: lines, isBroken: progress == .ended && batch.stop == .invalid))
      switch progress {
      case .done:
        connections[number].input.removeFirst(batch.end)
        guard batch.stop == .full else { return progress }
      case .held(let place):
        connections[number].input.removeFirst(place)
        connections[number].isHeld = true
        return progress
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
    loops[loop].willLook = true
    let wakes = registry.takeWakes()
    for index in loops.indices where wakes >> UInt64(index) & 1 != 0 { loops[index].willLook = true }
  }
}
