// Other settings for loops that are running.

import SSMPCore
import Testing

@testable import ssmpd

@Suite("Published settings")
struct PublishedSettingsTests {
  private func hub(loops: Int, _ arguments: String...) throws -> Hub {
    let configuration = try Configuration(arguments: arguments)
    return try Hub(
      configuration: configuration, sources: ConfigurationSources(arguments: arguments), loops: loops,
      rules: LoginRules(), access: nil, admissions: Admissions(Admissions.Limits(total: 1)), log: Log(level: .error),
      tls: nil)
  }

  private func limits(_ hub: Hub) -> RegistryLimits {
    hub.withRegistry { $0.limits }
  }

  private func settings(_ arguments: String...) throws -> Settings {
    Settings(try Configuration(arguments: arguments))
  }

  @Test("Limits on logs that get smaller are in force before any loop has smaller marks")
  func smaller() throws {
    let hub = try hub(loops: 2, "--max-pending", "1MiB")
    let small = try settings("--max-pending", "64KiB")
    hub.publish(small)
    #expect(limits(hub).fanOutBytes == small.registryLimits.fanOutBytes)
    #expect(limits(hub).clientBytes == small.registryLimits.clientBytes)
    #expect(limits(hub).rosterSlice == small.registryLimits.rosterSlice)
  }

  @Test("Limits on logs that get larger wait until every loop has larger marks; that on subscriptions does not")
  func larger() throws {
    let hub = try hub(loops: 2, "--max-pending", "64KiB", "--max-subscriptions", "1")
    let before = limits(hub)
    let large = try settings("--max-pending", "1MiB", "--max-subscriptions", "2")
    hub.publish(large)
    #expect(limits(hub).fanOutBytes == before.fanOutBytes && limits(hub).subscriptions == 2)
    let (adopted, generation) = hub.publishedSettings()
    #expect(generation == 1 && adopted.hardMark == 1 << 20)
    hub.noteAdoption(of: generation)
    #expect(limits(hub).fanOutBytes == before.fanOutBytes)
    hub.noteAdoption(of: generation)
    #expect(limits(hub).fanOutBytes == large.registryLimits.fanOutBytes)
    #expect(limits(hub).clientBytes == large.registryLimits.clientBytes)
  }

  @Test("Settings that are published before all loops have adopted those before count from the beginning")
  func twice() throws {
    let hub = try hub(loops: 2, "--max-pending", "64KiB")
    let before = limits(hub)
    hub.publish(try settings("--max-pending", "512KiB"))
    hub.noteAdoption(of: 1)
    hub.publish(try settings("--max-pending", "1MiB"))
    // Too late: it has the marks of the first ones.
    hub.noteAdoption(of: 1)
    hub.noteAdoption(of: 2)
    #expect(limits(hub).fanOutBytes == before.fanOutBytes)
    hub.noteAdoption(of: 2)
    #expect(limits(hub).fanOutBytes == 128 << 10)
  }
}
