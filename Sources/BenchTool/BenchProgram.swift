// What the command line asks for, and the exit code.

import CommandLineTools

/// The load generator as a program: `ssmp-bench`, or `ssmp` under that name.
public enum BenchProgram {
  /// Runs with these arguments, and returns the exit code.
  public static func run(_ arguments: [String]) -> Int32 {
    do {
      let options = try BenchOptions(arguments: arguments)
      if case .help(let subject) = options.action {
        if subject == "man" {
          Output.write(BenchManual.text)
          return 0
        }
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
