// Asking loops, also such as do not answer.

import SSMPCore
import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Questions to loops")
struct LoopQueriesTests {
  private func makeHub(loops: Int) throws -> Hub {
    try Hub(
      configuration: Configuration(), sources: ConfigurationSources(arguments: []), loops: loops, rules: LoginRules(),
      access: nil,
      admissions: Admissions(.init(total: 1)), log: Log(level: .error), tls: nil)
  }

  /// A hub of two loops of which only the first runs, until `body` has ended.
  private func withOneOfTwoLoops(_ body: (Hub) throws -> Void) throws {
    let hub = try makeHub(loops: 2)
    let thread = try SSMPTransport.Thread {
      guard var loop = try? EventLoop.make(index: 0, hub: hub, signals: nil, listeners: []) else { return }
      loop.run()
    }
    defer {
      hub.goDown(.atOnce)
      // As if the other loop had come to its end.
      hub.quiet.add(1, ordering: .sequentiallyConsistent)
      hub.wake(hub.allLoops)
      thread.join()
    }
    try body(hub)
  }

  @Test("A loop that runs answers, and one that is stuck is reported after its time, not waited for")
  func stuck() throws {
    try withOneOfTwoLoops { hub in
      #expect(hub.ask(0) { $0.index } == 0)
      let watch = Stopwatch()
      #expect(hub.ask(1, within: 50) { $0.index } == nil)
      #expect(watch.microseconds >= 50_000)
      #expect(hub.askAll([0, 1], within: 50) { $0.index } == [0, nil])
    }
  }

  @Test("Counts name the loop that is stuck, and the report and the metrics do")
  func counts() throws {
    try withOneOfTwoLoops { hub in
      let counts = hub.counts(within: 100)
      #expect(counts.stuck == [1])
      #expect(counts.registry?.clients == 0)
      let lines = counts.lines(pending: 0, connections: 0)
      #expect(lines[0].hasPrefix("loop=0 stuck=false loop-connections=0 busy-seconds="))
      #expect(lines[1] == "loop=1 stuck=true")
      #expect(lines.contains { $0.hasPrefix("connections=0 logged-in=0 ") })
      let page = page(counts, hub)
      #expect(page.contains("\nssmpd_loop_up{loop=\"0\"} 1\nssmpd_loop_up{loop=\"1\"} 0\n"))
      #expect(page.contains("\nssmpd_topics 0\n"))
    }
  }

  @Test("What a stuck loop has counted before stays in the sums")
  func latest() throws {
    let registry = RegistryFigures(Registry(loops: 2, rules: LoginRules(), key: (1, 2)))
    func counted(_ accepted: UInt64) -> LoopCounts {
      var counters = Counters()
      counters.accepted = accepted
      return LoopCounts(counters: counters, registry: registry, pendingLimit: 1)
    }
    let latest = LatestCounts(loops: 2)
    #expect(latest.merge([nil, nil]).registry == nil)
    #expect(latest.merge([counted(3), counted(4)]).sum.accepted == 7)
    let later = latest.merge([counted(5), nil])
    #expect(later.sum.accepted == 9 && later.stuck == [1])
  }

  @Test("Where no loop has ever answered, what is known is said all the same")
  func nothingKnown() throws {
    let hub = try makeHub(loops: 1)
    let counts = hub.counts(within: 10)
    #expect(counts.lines(pending: 0, connections: 0) == ["loop=0 stuck=true"])
    let page = page(counts, hub)
    #expect(page.contains("\nssmpd_loop_up{loop=\"0\"} 0\n") && !page.contains("ssmpd_topics"))
  }

  private func page(_ counts: ServerCounts, _ hub: Hub) -> String {
    MetricsPage(
      counts: counts, process: ProcessFacts(), context: MetricsContext(maxDescriptors: 1),
      maxConnections: hub.admissions.limit, dates: [], reload: hub.reloadStatus.figures, isDraining: false,
      linesLost: 0, admins: 0, collectors: 0,
      adminsRefused: 0
    ).text
  }
}
