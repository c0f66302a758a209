// A chat room in the terminal: its members, their messages, and the lines that are typed.

import Foundation
import SSMPClient

@main
struct Chat {
  static func main() async {
    do {
      let arguments = CommandLine.arguments
      guard arguments.count == 4 else { throw SSMPError.invalid("usage: chat SERVER NAME ROOM") }
      let (server, name, room) = (
        try SSMPClient.ServerAddress(arguments[1]), try ID(arguments[2]), try ID(arguments[3])
      )
      try await SSMPClient.withClient(.init(server, login: .open(name))) { try await talk($0, in: room) }
    } catch SSMPError.invalid(let reason) {
      fail(2, reason)
    } catch {
      fail(1, "\(error)")
    }
  }

  /// Shows the room, and sends what is typed, until the input ends.
  private static func talk(_ client: SSMPClient, in room: ID) async throws {
    let events = try await client.subscribe(to: room, presence: true)
    show("You are \(client.id) in \(room). Ctrl-D ends the conversation.")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { for try await event in events { show(text(event)) } }
      group.addTask { for await line in typedLines() { await send(line, client, room) } }
      try await group.next()
      group.cancelAll()
    }
  }

  private static func send(_ line: String, _ client: SSMPClient, _ room: ID) async {
    do {
      try await client.multicast(Payload(line), to: room)
    } catch {
      // The conversation goes on: an empty line is no message, and a lost connection is made again.
      show("* not sent: \(error)")
    }
  }

  private static func text(_ event: SSMPClient.TopicEvent) -> String {
    switch event {
    case .message(let from, let payload): "\(from): \(payload)"
    case .joined(let id, watches: _): "* \(id) is here"
    case .left(let id): "* \(id) has left"
    case .interrupted: "* the connection is lost; the client connects again"
    case .resumed: "* connected again"
    case .lost(let count): "* \(count) events are lost"
    }
  }

  /// The lines of the standard input. A read blocks, so a thread of its own reads: tasks share a few threads, which must not block.
  private static func typedLines() -> AsyncStream<String> {
    AsyncStream { lines in
      Thread.detachNewThread {
        while let line = readLine() { lines.yield(line) }
        lines.finish()
      }
    }
  }

  /// Writes a line, without the buffer of `print` for pipes and files.
  private static func show(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
  }

  private static func fail(_ status: Int32, _ reason: String) -> Never {
    FileHandle.standardError.write(Data("chat: \(reason)\n".utf8))
    exit(status)
  }
}
