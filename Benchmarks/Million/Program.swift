// What the command line asks for, and the tables.

import CommandLineTools
import Glibc

/// The measurement as a program.
enum Program {
  /// The size that others are compared with.
  static let small = 10_000

  /// Runs with these arguments, and returns the exit code: 0, 1 if something was not as it has to
  /// be, or 2 for wrong options.
  static func run(_ arguments: [String]) -> Int32 {
    do throws(OptionError) {
      let options = try MillionOptions(arguments)
      let failures = perform(options)
      for failure in failures { complain(failure) }
      return failures.isEmpty ? 0 : 1
    } catch {
      complain("\(error)")
      return 2
    }
  }

  private static func perform(_ options: MillionOptions) -> [String] {
    switch options.action {
    case .compare: return compare(options.connections)
    case .sweep: return sweep()
    case .help: Output.write(MillionOptions.help.summary)
    case .resident: printResident(options.connections)
    case .rounds(let kind):
      if let failure = kind.run(options.rounds) { return [failure] }
      Output.write("\(kind.unit)\n")
    }
    return []
  }

  private static func complain(_ text: String) { Output.writeError("ssmp-million: \(text)\n") }

  /// Measures a fleet of each size, the small one several times because it is over so soon.
  private static func compare(_ count: Int) -> [String] {
    var few = Results()
    var many = Results()
    addResident(small, &few)
    addResident(count, &many)
    measure(small, times: 5, &few)
    measure(count, times: 1, &many)
    Output.write(
      "In memory, without sockets; medians; a turn serves \(Fleet.turn) requests; times in nanoseconds, warm caches.\n\n"
    )
    Output.write(head("a connection or operation", [size(small), size(count), "ratio"]) + "\n")
    for name in few.names {
      let (low, high) = (few.median(name), many.median(name))
      Output.write(row(name, [figure(low), figure(high), Format.fixed(high / low, 2)]) + "\n")
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
    if let child = popen("'\(CommandLine.arguments[0])' --resident --connections \(count)", "r") {
      var text = [CChar](repeating: 0, count: 256)
      while fgets(&text, Int32(text.count), child) != nil { readings.append(atof(text)) }
      pclose(child)
    }
    results.expect("readings of resident memory", readings.count, 2)
    for (name, reading) in zip([Lifecycle.resident, Lifecycle.residentAfter], readings) { results.add(name, reading) }
  }

  private static func printResident(_ count: Int) {
    var results = Results()
    var life = Lifecycle(count: count)
    life.run(into: &results)
    Output.write("\(life.idle)\n\(life.afterMessages)\n")
  }

  private static func sweep() -> [String] {
    var failures: [String] = []
    Output.write(
      "Times in nanoseconds, medians of \(Sweep.repeats) readings; what is timed is warm, the crowd is not touched.\n")
    for axis in Sweep.Axis.allCases {
      var sizes = [100, 10_000, 200_000]
      if axis == .topics || axis == .members { sizes.append(1_000_000) }
      let columns = sizes.map { measure(axis, $0) }
      Output.write("\n" + head(axis.rawValue, sizes.map(size)) + "\n")
      for name in columns[0].names { Output.write(row(name, columns.map { figure($0.median(name)) }) + "\n") }
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

  private static func size(_ count: Int) -> String { Format.number(Double(count)) }
}
