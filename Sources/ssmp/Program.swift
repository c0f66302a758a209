// From the command line to an exit code.

import CommandLineTools
import Glibc
import SSMPClient
import SSMPTransport

/// The client as a program.
enum Program {
  /// The version, which is the server's.
  static let version = ProductVersion.text

  /// Runs with these arguments while the main thread waits, and returns the exit code.
  ///
  /// At an `await` in `main.swift`, libdispatch would unblock all signals in the main thread, and the
  /// first signal would end the program at once.
  static func runAndWait(_ arguments: [String]) -> Int32 {
    Interruptions.prepare()
    let end = Ending()
    Task.detached { end.give(await run(arguments)) }
    return end.wait()
  }

  /// The exit code, which the main thread waits for.
  private final class Ending: Sendable {
    private let status = Monitor<Int32?>(nil)

    func give(_ status: Int32) { self.status.withLock { $0 = status } }

    func wait() -> Int32 { status.wait { $0 } ?? ExitStatus.refused.rawValue }
  }

  /// Runs with these arguments, and returns the exit code.
  static func run(_ arguments: [String]) async -> Int32 {
    do {
      let invocation = try Invocation(arguments)
      switch invocation.action {
      case .help(let text):
        Output.write(text)
        return ExitStatus.done.rawValue
      case .version:
        Output.write("ssmp \(version)\n")
        return ExitStatus.done.rawValue
      case .run(let command, let settings, let operands):
        return await run(command, settings, operands)
      }
    } catch {
      Diagnostics.report("\(error)")
      return ExitStatus.usage.rawValue
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
