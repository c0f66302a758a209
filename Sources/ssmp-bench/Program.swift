// What the command line asks for, and the exit code.

import CommandLineTools

/// The generator as a program.
enum Program {
  /// Runs with these arguments, and returns the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    do {
      let options = try BenchOptions(arguments: arguments)
      if case .help(let subject) = options.action {
        Output.write(subject.flatMap { BenchOptions.help.text(about: $0) } ?? BenchOptions.help.summary)
        return 0
      }
      let plan = try Plan(options, try Files(options))
      let outcome = try Coordinator(plan).run()
      Output.write(options.printsJSON ? JSONReport(outcome: outcome).text : TextReport(outcome: outcome).text)
      return outcome.isGood ? 0 : 1
    } catch {
      Output.writeError("ssmp-bench: \(error)\n")
      return error is OptionError ? 2 : 3
    }
  }
}
