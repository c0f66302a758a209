// From the command line to an exit code.

import CommandLineTools
import Glibc
import SSMPClient

/// The client as a program.
enum Program {
  /// The version, which is the server's.
  static let version = ProductVersion.text

  /// Runs with these arguments, and returns the exit code.
  static func run(_ arguments: [String]) async -> Int32 {
    do {
      let invocation = try Invocation(arguments)
      switch invocation.action {
      case .help(let text): return print(text)
      case .version: return print("ssmp \(version)\n")
      case .run(let command, let settings, let operands):
        return await run(command, settings, operands)
      }
    } catch {
      Diagnostics.report("\(error)")
      return ExitStatus.usage.rawValue
    }
  }

  private static func print(_ text: String) -> Int32 {
    do {
      try StandardOutput.write(text)
      return ExitStatus.done.rawValue
    } catch {
      let failure = Failure(error)
      if let message = failure.message { Diagnostics.report(message) }
      return failure.status.rawValue
    }
  }

  /// Runs a command until it ends, a signal comes, or its time is over.
  private static func run(_ command: Command, _ settings: Settings, _ operands: [String]) async -> Int32 {
    Diagnostics.level = settings.diagnostics
    let interruptions = Interruptions(limit: settings.timeLimit)
    let task = Task { try await command.run(settings, operands) }
    interruptions.begin { task.cancel() }
    let result = await task.result
    if let status = interruptions.status { return status }
    switch result {
    case .success(let status): return status.rawValue
    case .failure(let error):
      let failure = Failure(error)
      if let message = failure.message { Diagnostics.report(message) }
      return failure.status.rawValue
    }
  }
}
