// What becomes of a configuration while the server runs.

import SSMPCore
import Testing

@testable import ssmpd

@Suite("Configuration change")
struct ConfigurationChangeTests {
  private func configuration(_ arguments: String...) throws -> Configuration {
    try Configuration(arguments: arguments)
  }

  /// What is in force when `new` is read while `old` is, and what needs a restart.
  private func reload(_ old: Configuration, _ new: Configuration) -> (Configuration, [String]) {
    var merged = new
    let kept = merged.keepUntilRestart(of: old)
    return (merged, kept)
  }

  @Test("A setting that needs a restart keeps its value and is named; all others are taken over")
  func needsRestart() throws {
    let old = try configuration("--loops", "1", "--ticket-keys", "/a", "--max-pending", "2MiB", "--open")
    let new = try configuration("--loops", "2", "--ticket-keys", "/b", "--max-pending", "3MiB", "--strict")
    let (merged, kept) = reload(old, new)
    #expect(kept == ["ticket-keys", "loops"])
    #expect(merged.loops == 1 && merged.ticketKeysFile == "/a")
    #expect(merged.maxPending == 3 << 20 && merged.strict && !merged.allowsOpen)
    #expect(merged.changes(from: old) == ["open", "strict", "max-pending"])
  }

  @Test("When nothing has changed nothing is named")
  func nothing() throws {
    let old = try configuration("--listen", "unix:/a", "--loops", "2")
    let (merged, kept) = reload(old, old)
    #expect(kept == [] && merged == old && merged.changes(from: old) == [])
  }

  @Test("The schemes of listeners follow a reload, in any order of theirs")
  func schemes() throws {
    let old = try configuration("--listen", "tcp://127.0.0.1:1", "--listen", "unix:/b?auth=open")
    let new = try configuration("--listen", "unix:/b?auth=secret", "--listen", "tcp://127.0.0.1:1?auth=open")
    let (merged, kept) = reload(old, new)
    #expect(kept == [])
    #expect(merged.listen.map(\.text) == ["tcp://127.0.0.1:1?auth=open", "unix:/b?auth=secret"])
    #expect(merged.changes(from: old) == ["listen"])
  }

  @Test("Other listeners, more or fewer need a restart; the schemes of those that stay change all the same")
  func listeners() throws {
    let old = try configuration("--listen", "unix:/a?auth=open", "--listen", "unix:/b")
    for (texts, wanted) in [
      (["unix:/a?auth=secret"], ["unix:/a?auth=secret", "unix:/b"]),
      (["unix:/c", "unix:/a?auth=secret"], ["unix:/a?auth=secret", "unix:/b"]),
      (["unix:/a", "unix:/b?auth=open", "unix:/c"], ["unix:/a", "unix:/b?auth=open"]),
      (["unix:/a", "unix:/b", "unix:/b"], ["unix:/a", "unix:/b"]),
      ([], ["unix:/a?auth=open", "unix:/b"]),
    ] {
      let (merged, kept) = reload(old, try Configuration(arguments: texts.map { "--listen=\($0)" }))
      #expect(kept == ["listen"])
      #expect(merged.listen.map(\.text) == wanted)
    }
  }

  @Test("The listener that there is by default is one like others, and TLS is another listener than none")
  func standardListener() throws {
    let (merged, kept) = reload(try configuration(), try configuration("--listen", "tls://*:8787?auth=cert"))
    #expect(kept == [] && merged.listen.map(\.text) == ["tls://*:8787?auth=cert"])
    let (other, keptToo) = reload(try configuration(), try configuration("--listen", "tcp://*:8787"))
    #expect(keptToo == ["listen"] && other.listeners == [.standard])
  }

  @Test("Every setting says when a change is in force, and what is no setting has no place in the configuration")
  func everyOption() {
    for option in Option.all { #expect((option.field == nil) == (option.change == .notASetting), "\(option.name)") }
    let restart = Option.all.filter { $0.change == .needsRestart }.map(\.name)
    #expect(restart == ["listen", "ticket-keys", "loops", "admin", "metrics"])
  }

  @Test(
    "Connections follow the limit, the descriptors, and what one loop has slots for; too few descriptors are warned of")
  func connectionLimits() throws {
    let plenty = ConnectionLimits(try configuration("--max-connections", "100"), loops: 2, descriptors: 1024)
    #expect(plenty.admissions == Admissions.Limits(total: 100, reserve: 3, perAddress: 0, waitingPerAddress: 25))
    #expect(plenty.missing == nil)
    let unset = ConnectionLimits(try configuration(), loops: 1, descriptors: 1024)
    // Of 989 there are 30 for the reserve.
    #expect(unset.admissions.total == 1024 - Tuning.reservedDescriptors - 3 - 30)
    #expect(unset.admissions.reserve == 29 && unset.missing == nil)
    let listeners = (1...40).flatMap { ["--listen", "tcp://127.0.0.1:\($0)"] }
    let many = ConnectionLimits(try Configuration(arguments: listeners), loops: 1, descriptors: 1024)
    #expect(many.admissions.total + many.admissions.reserve == 1024 - Tuning.reservedDescriptors - 3 - 32)
    let few = ConnectionLimits(
      try configuration("--max-connections", "1000", "--max-waiting-per-address", "0"), loops: 1, descriptors: 100)
    #expect(
      few.admissions
        == Admissions.Limits(total: 63, reserve: 1, isByDescriptors: true, perAddress: 0, waitingPerAddress: 0))
    #expect(few.missing == 1066)
  }
}
