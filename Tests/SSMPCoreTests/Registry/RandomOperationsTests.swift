// The registry against the model, by thousands of random operations.

import FuzzHarness
import SSMPCore
import Testing

@Suite("Registry, random operations")
struct RandomOperationsTests {
  @Test(
    "Random operations on any number of loops give every client exactly what the model says",
    arguments: [1, 2, 4], [UInt64(1), 2, 3])
  func fixedSeeds(loops: Int, seed: UInt64) throws {
    try run(loops: loops, seed: seed, limits: RegistryLimits(subscriptions: 3, rosterSlice: 40, stepBudget: 1))
  }

  @Test("Logs that are full after a single message change nothing but the pace", arguments: [1, 2, 4])
  func fullLogs(loops: Int) throws {
    let limits = RegistryLimits(subscriptions: 3, logBytes: 60, rosterSlice: 40, stepBudget: 1)
    try run(loops: loops, seed: 7, limits: limits)
  }

  @Test("Shares of the log that one message uses up change nothing but the pace", arguments: [1, 2, 4])
  func fullShares(loops: Int) throws {
    let limits = RegistryLimits(subscriptions: 3, fanOutBytes: 20, clientBytes: 20, rosterSlice: 40, stepBudget: 1)
    try run(loops: loops, seed: 5, limits: limits)
  }

  @Test("Random operations that nobody has seen before give what the model says", arguments: [1, 2, 4])
  func newSeed(loops: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("random operations on \(loops) loops, seed \(seed)")
    try run(loops: loops, seed: seed, limits: RegistryLimits(subscriptions: 3, rosterSlice: 1, stepBudget: 1))
  }

  private func run(loops: Int, seed: UInt64, limits: RegistryLimits) throws {
    var storm = Storm(world: World(loops: loops, limits: limits, secret: Array("s3cret".utf8)), seed: seed)
    try storm.rage(operations: 4000, checkEvery: 500)
    #expect(storm.sawEverything == [], "operations that never came up")
  }
}
