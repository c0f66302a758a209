// A program that answers requests.

import CommandLineTools
import Glibc
import SSMPClient
import SSMPTransport

/// A program and its arguments, run once for each request.
struct ServedProgram: Sendable {
  private let path: String
  private let arguments: [String]
  private let limit: UInt64

  /// Finds the program, in PATH if its name has no slash.
  ///
  /// - Parameter limit: the milliseconds that it may run for.
  /// - Throws: `OptionError` if there is no such program.
  init(arguments: [String], limit: UInt64) throws(OptionError) {
    guard let path = Self.find(arguments[0]) else {
      throw OptionError(operand: "command", value: arguments[0], accepted: "a program that can be run")
    }
    (self.path, self.arguments, self.limit) = (path, arguments, limit)
  }

  private static func find(_ name: String) -> String? {
    if name.contains("/") { return unsafe access(name, X_OK) == 0 ? name : nil }
    let folders = (Contexts.variable("PATH") ?? "/usr/bin:/bin").split(separator: ":")
    return folders.lazy.map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
  }

  /// Runs the program for a request, on a thread that waits for it.
  func answer(_ call: SSMPClient.Call) async throws -> SSMPClient.Reply {
    let input = call.bytes ?? Array(call.argument.utf8)
    let variables = ["SSMP_FROM": call.from.description, "SSMP_VERB": call.verb, "SSMP_ARGUMENT": call.argument]
    let cancellation = Locked(false)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { task in
        do throws(SystemError) {
          try Thread(named: "job") {
            task.resume(returning: run(input, variables) { cancellation.withLock { $0 } })
          }.detach()
        } catch {
          task.resume(throwing: error)
        }
      }
    } onCancel: {
      cancellation.withLock { $0 = true }
    }
  }

  private func run(
    _ input: [UInt8], _ variables: [String: String], _ isCancelled: () -> Bool
  ) -> SSMPClient.Reply {
    let process: ChildProcess
    do throws(SystemError) {
      process = try ChildProcess(path, arguments, adding: variables)
    } catch {
      Diagnostics.report("\(path): \(error)")
      return .failed("the program cannot be run")
    }
    let deadline = MonotonicTime.nanoseconds() + limit * 1_000_000
    switch process.communicate(input, most: Payload.longest, until: deadline, isCancelled) {
    case .ended(let code, let output): return reply(code, output)
    case .tooMuch: return .failed("the answer is longer than \(Payload.longest) bytes")
    case .timeOver: return .failed("the program has not ended in time")
    }
  }

  /// What exit codes stand for, beside 0; all others are 400.
  private static let codes: [Int32: Int] = [0: 200, 33: 303, 44: 404, 45: 405, 51: 501]

  /// A line as text; what is more than a line, or is no text, as bytes.
  private func reply(_ code: Int32, _ output: [UInt8]) -> SSMPClient.Reply {
    let line = output.last == UInt8(ascii: "\n") ? output.dropLast() : output[...]
    let isText = !line.contains(UInt8(ascii: "\n")) && String(validating: line, as: UTF8.self) != nil
    let number = Self.codes[code] ?? 400
    return isText
      ? SSMPClient.Reply(code: number, String(decoding: line, as: UTF8.self))
      : SSMPClient.Reply(code: number, bytes: output)
  }
}
