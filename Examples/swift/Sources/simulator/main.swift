// Thousands of devices in one process, on one I/O thread. Each sends about one message a second to a room of ten devices.

import Foundation
import SSMPClient
import Synchronization

enum Fleet {
  static let counts = Mutex((online: 0, messages: 0))
}

func simulate(_ number: UInt, _ server: SSMPClient.ServerAddress) async throws {
  var configuration = SSMPClient.Configuration(server, login: .open(try ID("device/\(number)")))
  configuration.reconnection.appliesToStart = true
  try await SSMPClient.withClient(configuration) { client in
    let room = try await client.subscribe(to: ID("room/\(number / 10)"))
    Fleet.counts.withLock { $0.online += 1 }
    async let _ = { while true { try await publish(client, to: room.topic) } }()
    for try await event in room {
      if case .message = event { Fleet.counts.withLock { $0.messages += 1 } }
      if event == .interrupted { Fleet.counts.withLock { $0.online -= 1 } }
      if event == .resumed { Fleet.counts.withLock { $0.online += 1 } }
    }
  }
}

func publish(_ client: SSMPClient, to room: ID) async throws {
  try await Task.sleep(for: .milliseconds(Int.random(in: 500...1500)))
  try? await client.multicast("12.5 C", to: room)
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let server = try? SSMPClient.ServerAddress(arguments[1]), let count = UInt(arguments[2])
else {
  FileHandle.standardError.write(Data("simulator: usage: simulator tcp://HOST:PORT DEVICES\n".utf8))
  exit(2)
}
for number in 0..<count { Task { try await simulate(number, server) } }
while true {
  try await Task.sleep(for: .seconds(1))
  let (online, messages) = Fleet.counts.withLock { counts in
    defer { counts.messages = 0 }
    return counts
  }
  let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1]
  print("\(online) devices online, \(messages) messages/s, \((Int(pages) ?? 0) / 256) MiB")
}
