// A caller: it finds the instances of a service, and has the less loaded ones do the work.

import Foundation
import SSMPClient

@main
struct Caller {
  static func main() async {
    do {
      let arguments = CommandLine.arguments
      guard arguments.count == 4, let count = Int(arguments[3]), count > 0 else {
        throw SSMPError.invalid("usage: caller SERVER NAME REQUESTS")
      }
      let configuration = SSMPClient.Configuration(try .init(arguments[1]), login: .open(try ID(arguments[2])))
      try await SSMPClient.withClient(configuration) { try await ask($0, count) }
    } catch SSMPError.invalid(let reason) {
      fail(2, reason)
    } catch {
      fail(1, "\(error)")
    }
  }

  private static func ask(_ client: SSMPClient, _ count: Int) async throws {
    let directory = try await client.directory(of: "converter")
    for (instance, reply) in try await directory.callAll("info").sorted(by: { $0.key < $1.key }) {
      print("\(instance): \(reply?.text ?? "no answer")")
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...count {
        group.addTask {
          let reply = try await directory.call("fahrenheit", "\(number)")
          print("\(number) C: \(reply.isSuccess ? reply.text : "failed: \(reply.code) \(reply.text)")")
        }
        // So that the loads of the instances are known before the next choice.
        try await Task.sleep(for: .milliseconds(50))
      }
      try await group.waitForAll()
    }
  }

  private static func fail(_ status: Int32, _ reason: String) -> Never {
    FileHandle.standardError.write(Data("caller: \(reason)\n".utf8))
    exit(status)
  }
}
