// ssmp top.

import CommandLineTools

extension Command {
  /// The figures of a running server, again and again.
  static let top = Command(
    name: "top", operands: "", help: "show figures of a running server, its busiest connections and its topics",
    details: [
      "Asks the admin socket of ssmpd each second, and shows messages, deliveries, connections and lag with their course, the "
        + "connections and the topics. `?` lists the keys: to sort, to filter by name, to pause. `q` quits. If the server "
        + "goes away, the command says so and tries again.",
      "-b prints a line of key=value each second instead, the first after one second; docs/admin.md lists the keys. It ends "
        + "with 3 if no server is there, and with 5 if the server goes away.",
      "NO_COLOR in the environment turns colors off.",
    ],
    usesContext: false,
    options: {
      [
        CommandOptions.admin,
        .action("batch", "print lines") { $0.top.isBatch = true }.with("b"),
        .number("count", "with -b: end after N lines", 1...1_000_000_000_000) { $0.count = $1 }.with("n"),
        .time("interval", "the time between two looks (default: 1s; at least 100ms)", upTo: "1h") { settings, time in
          settings.top.interval = max(100, time)
        }.with("d"),
      ]
    }, counts: 0...0
  ) { settings, _ in
    if settings.top.isBatch { return try await TopBatch.run(settings) }
    if settings.count != nil { throw OptionError("\(setting: "count") needs \(setting: "batch"); give both") }
    return try await TopScreen.run(settings)
  }
}
