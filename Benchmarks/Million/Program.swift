// The command line, and the tables.

import Glibc

/// What is to be measured.
enum Program {
  static let usage = """
    usage: ssmp-million [--connections N] [--sweep] [--repeat KIND ROUNDS]

      --connections N  N logged-in, subscribed connections in memory beside 10,000 (default: 1000000)
      --sweep          the cost of operations beside 100, 10,000 and 200,000 connections, topics and subscriptions
      --repeat KIND N  N rounds of one kind of message, for counting instructions; prints what a round has of it

    """

  /// The size that others are compared with.
  static let small = 10_000

  static func run(_ arguments: [String]) -> Int32 {
    var count = 1_000_000
    var sweeps = false
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--sweep": sweeps = true
      case "--connections":
        guard let value = rest.popFirst().flatMap({ Int($0) }), (2000...16_000_000).contains(value) else {
          return fail("--connections takes a number from 2000 to 16000000\n")
        }
        count = value
      case "--resident":
        guard let value = rest.popFirst().flatMap({ Int($0) }) else { return fail(usage) }
        return printResident(value)
      case "--repeat":
        guard let kind = rest.popFirst().flatMap(Repetition.init(rawValue:)),
          let rounds = rest.popFirst().flatMap({ Int($0) })
        else {
          return fail("--repeat takes \(Repetition.allCases.map(\.rawValue).joined(separator: ", ")), and a number\n")
        }
        if let failure = kind.run(rounds) { return fail("ssmp-million: \(failure)\n") }
        return say("\(kind.unit)\n")
      case "--help": return say(usage)
      default: return fail(usage)
      }
    }
    let failures = sweeps ? sweep() : compare(count)
    for failure in failures { _ = fail("ssmp-million: \(failure)\n") }
    return failures.isEmpty ? 0 : 1
  }

  @discardableResult
  private static func say(_ text: String) -> Int32 {
    print(text, terminator: "")
    return 0
  }

  private static func fail(_ text: String) -> Int32 {
    let bytes = Array(text.utf8)
    write(2, bytes, bytes.count)
    return 1
  }

  /// Measures a fleet of each size, the small one several times because it is over so soon.
  private static func compare(_ count: Int) -> [String] {
    var few = Results()
    var many = Results()
    addResident(small, &few)
    addResident(count, &many)
    measure(small, times: 5, &few)
    measure(count, times: 1, &many)
    say(
      "In memory, without sockets; medians; a turn serves \(Fleet.turn) requests; times in nanoseconds, warm caches.\n\n"
    )
    say(head("a connection or operation", [grouped(small), grouped(count), "ratio"]) + "\n")
    for name in few.names {
      let (low, high) = (few.median(name), many.median(name))
      say(row(name, [figure(low), figure(high), ratio(high / low)]) + "\n")
    }
    return few.failures + many.failures
  }

  private static func measure(_ count: Int, times: Int, _ results: inout Results) {
    for _ in 0..<times {
      var life = Lifecycle(count: count)
      life.run(into: &results)
    }
  }

  /// Memory is measured in a process of its own, since one that has freed something does not give all of it back.
  private static func addResident(_ count: Int, _ results: inout Results) {
    var readings: [Double] = []
    if let child = popen("'\(CommandLine.arguments[0])' --resident \(count)", "r") {
      var text = [CChar](repeating: 0, count: 256)
      while fgets(&text, Int32(text.count), child) != nil { readings.append(atof(text)) }
      pclose(child)
    }
    results.expect("readings of resident memory", readings.count, 2)
    for (name, reading) in zip([Lifecycle.resident, Lifecycle.residentAfter], readings) { results.add(name, reading) }
  }

  private static func printResident(_ count: Int) -> Int32 {
    var results = Results()
    var life = Lifecycle(count: count)
    life.run(into: &results)
    return say("\(life.idle)\n\(life.afterMessages)\n")
  }

  private static func sweep() -> [String] {
    var failures: [String] = []
    say(
      "Times in nanoseconds, medians of \(Sweep.repeats) readings; what is timed is warm, the crowd is not touched.\n")
    for axis in Sweep.Axis.allCases {
      var sizes = [100, 10_000, 200_000]
      if axis == .topics || axis == .members { sizes.append(1_000_000) }
      let columns = sizes.map { measure(axis, $0) }
      say("\n" + head(axis.rawValue, sizes.map(grouped)) + "\n")
      for name in columns[0].names { say(row(name, columns.map { figure($0.median(name)) }) + "\n") }
      failures += columns.flatMap(\.failures)
    }
    return failures
  }

  private static func measure(_ axis: Sweep.Axis, _ count: Int) -> Results {
    var results = Results()
    var sweep = Sweep(axis, count)
    sweep.run(into: &results)
    return results
  }
}
