// ssmp top -b.

import CommandLineTools

/// Prints a line at each look at the server but the first, which rates begin with.
enum TopBatch {
  /// Prints until as many lines are printed as were asked for.
  static func run(_ settings: Settings) async throws -> ExitStatus {
    let poller = try TopPoller(settings.admin.path, TopQuery(), every: settings.top.interval)
    return try await withTaskCancellationHandler {
      try print(poller, settings.count)
      return .done
    } onCancel: {
      poller.wakeup.signal()
    }
  }

  private static func print(_ poller: TopPoller, _ count: Int?) throws {
    var model = TopModel()
    model.take(try poller.next())
    var rest = count ?? .max
    while rest > 0 {
      do {
        model.take(try poller.next())
      } catch let failure as Failure where failure.status == .unreachable {
        throw Failure(.connectionLost, failure.message)
      }
      try StandardOutput.write(BatchText.line(model, at: Timestamp.now().text) + "\n")
      rest -= 1
    }
  }
}
