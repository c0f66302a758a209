// An instance of a service: it converts temperatures, and tells its callers how busy it is.

import Foundation
import SSMPClient
import Synchronization

@main
struct Service {
  static func main() async {
    do {
      let arguments = CommandLine.arguments
      guard arguments.count == 4, let capacity = Int(arguments[3]), capacity > 0 else {
        throw SSMPError.invalid("usage: service SERVER NAME CAPACITY")
      }
      let configuration = SSMPClient.Configuration(try .init(arguments[1]), login: .open(try ID(arguments[2])))
      try await SSMPClient.withClient(configuration) { client in
        let desk = Desk(capacity)
        print("\(client.id) serves up to \(capacity) requests at a time")
        try await client.serve(
          "converter", load: desk.load, limit: capacity,
          verbs: [
            "fahrenheit": { call in
              guard let celsius = Double(call.argument) else { return .failed("give a number of degrees Celsius") }
              // The work, which takes half a second.
              try await desk.work { try await Task.sleep(for: .milliseconds(500)) }
              return .ok(String(format: "%.1f F, by %@", celsius * 1.8 + 32, "\(client.id)"))
            }
          ])
      }
    } catch SSMPError.invalid(let reason) {
      fail(2, reason)
    } catch {
      fail(1, "\(error)")
    }
  }

  private static func fail(_ status: Int32, _ reason: String) -> Never {
    FileHandle.standardError.write(Data("service: \(reason)\n".utf8))
    exit(status)
  }
}

/// Counts the requests that are served at the moment: the load is their share of the capacity.
final class Desk: Sendable {
  let load = SSMPClient.ServiceLoad()
  private let capacity: Double
  private let busy = Mutex(0)

  init(_ capacity: Int) {
    self.capacity = Double(capacity)
  }

  func work(_ body: () async throws -> Void) async rethrows {
    count(1)
    defer { count(-1) }
    try await body()
  }

  private func count(_ change: Int) {
    busy.withLock { busy in
      busy += change
      load.value = Double(busy) / capacity
    }
  }
}
