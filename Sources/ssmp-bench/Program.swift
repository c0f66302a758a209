// What the command line asks for, and the exit code.

import Glibc

/// The generator as a program.
enum Program {
  /// Runs with these arguments, and returns the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    do {
      let options = try BenchOptions(arguments: arguments)
      guard options.action == .run else {
        print(BenchOptions.help, terminator: "")
        return 0
      }
      let plan = try Plan(options, try Files(options))
      let outcome = try Coordinator(plan).run()
      print(options.printsJSON ? JSONReport(outcome: outcome).text : TextReport(outcome: outcome).text, terminator: "")
      return outcome.isGood ? 0 : 1
    } catch {
      let line = "ssmp-bench: \(error)\n"
      _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      return error is OptionError ? 2 : 3
    }
  }
}
