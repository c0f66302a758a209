// One fuzz input through whole sessions, with a registry behind them.

import SSMPCore

/// What the first three bytes of an input choose.
struct SessionPlan {
  let strict: Bool
  let loops: Int
  let schemes: SchemeSet
  let slicesRosters: Bool
  let fillsLogs: Bool
  let seed: UInt64
  /// What the two clients send.
  let first: [UInt8]
  let second: [UInt8]

  init?(_ input: [UInt8]) {
    guard input.count > 3 else { return nil }
    strict = input[0] & 1 != 0
    loops = [1, 2, 4, 2][Int(input[0] >> 1 & 3)]
    // An inverted mask, so that all schemes are offered where nothing was chosen.
    schemes = SchemeSet(rawValue: ~(input[0] >> 3) & 7)
    slicesRosters = input[0] & 0x40 != 0
    fillsLogs = input[0] & 0x80 != 0
    seed = UInt64(input[1])
    let body = input.dropFirst(3)
    let share = body.count * Int(input[2]) / 256
    second = Array(body.prefix(share))
    first = Array(body.dropFirst(share))
  }

  var limits: RegistryLimits {
    RegistryLimits(
      subscriptions: 4, logBytes: fillsLogs ? 100 : 256 << 10, rosterSlice: slicesRosters ? 1 : 16 << 10)
  }
}

/// Lets two clients send the input while a third one watches the topics `a` and `t`, and compares all that they get with
/// the model. What the clients send is cut into pieces, and the loops work in between.
public func fuzzSession(_ input: [UInt8]) throws {
  guard let plan = SessionPlan(input) else { return }
  let inPieces = try play(plan, chance: Chance(seed: plan.seed))
  guard plan.second.isEmpty, !plan.slicesRosters, !plan.fillsLogs else { return }
  // How the bytes of one client were cut must not show in anything.
  let atOnce = try play(plan, chance: nil)
  for (pieces, whole) in zip(inPieces.connections, atOnce.connections) {
    try check(
      pieces.received == whole.received && pieces.closed == whole.closed,
      "\(shown(pieces.received)) in pieces, \(shown(whole.received)) at once")
  }
}

private func play(_ plan: SessionPlan, chance: Chance?) throws -> World {
  let world = World(loops: plan.loops, limits: plan.limits, secret: Array("s3cret".utf8))
  let watcher = try world.login("w", loop: plan.loops - 1)
  try world.say(watcher, "SUBSCRIBE a PRESENCE\nSUBSCRIBE t PRESENCE\n")
  let first = world.connect(loop: 0, schemes: plan.schemes, strict: plan.strict)
  let second = world.connect(loop: 1 % plan.loops, schemes: plan.schemes, strict: plan.strict)
  if var chance {
    try sendPieces(world, [(first, plan.first), (second, plan.second)], &chance)
  } else {
    world.send(first, plan.first)
    world.send(second, plan.second)
  }
  try world.settle()
  var model = Model(of: world)
  model.follow(world)
  try model.checkQuiet(world)
  try check(!world.connections.contains { $0.isHeld && !$0.isOver }, "somebody is held back for ever")
  for number in world.connections.indices { world.hangUp(number) }
  try world.settle()
  model.follow(world)
  try model.checkQuiet(world)
  return world
}

private func sendPieces(_ world: World, _ clients: [(Int, [UInt8])], _ chance: inout Chance) throws {
  var rest = clients
  let longest = 1 + chance.below(60)
  while !rest.isEmpty {
    let turn = chance.below(rest.count)
    let size = min(rest[turn].1.count, 1 + chance.below(longest))
    world.send(rest[turn].0, Array(rest[turn].1.prefix(size)))
    rest[turn].1.removeFirst(size)
    if rest[turn].1.isEmpty { rest.remove(at: turn) }
    let loop = chance.below(world.registry.loops)
    world.take(loop)
    try world.work(loop, atMost: chance.below(4))
    world.continueRosters(chance.below(world.connections.count))
  }
}
