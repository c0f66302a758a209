// Messages from the server.

import CommandLineTools
import Glibc
import SSMPClient
import SSMPTransport

extension DirectoryTree {
  private static let gap = "the connection was lost; messages are missed from here on"
  private static let end = "connected again"
  /// After so many messages others may use the directory.
  private static let turn = 128

  /// Writes the messages to this client, until there are no more.
  func follow(_ messages: SSMPClient.Messages) async throws {
    var count = 0
    for try await message in messages {
      count += 1
      if count % Self.turn == 0 { await Task.yield() }
      switch message {
      case .unicast(let from, let payload):
        if let answer = pending.take(payload, from: from) { write(answer) } else { deliver(payload, from: from) }
      case .broadcast(let from, let payload): write(LogLine.message(from, payload.bytes), to: .broadcast)
      // Clients that sent to this client meanwhile have got 404.
      case .interrupted: write(LogLine.notice(Self.gap), to: .broadcast)
      case .resumed: write(LogLine.notice(Self.end), to: .broadcast)
      case .lost(let count): report(nil, "\(count) messages to this client were dropped")
      }
    }
  }

  /// Writes the events of a topic, until there are no more, or its directory is gone.
  ///
  /// - Returns: why the server, or the client, has ended the subscription.
  func follow(_ subscription: SSMPClient.Subscription) async -> SSMPError? {
    let place = Place.topic(subscription.topic)
    var count = 0
    do throws(SSMPError) {
      for try await event in subscription {
        count += 1
        if count % Self.turn == 0 { await Task.yield() }
        switch event {
        case .message(let from, let payload): write(LogLine.message(from, payload.bytes), to: place)
        case .joined(let id, _), .left(let id): changed(id, in: place)
        case .interrupted:
          write(LogLine.notice(Self.gap), to: place)
          allChanged()
        case .resumed: write(LogLine.notice(Self.end), to: place)
        case .lost(let count): report(place, "\(count) messages were dropped")
        }
      }
      return nil
    } catch {
      return error
    }
  }

  /// Writes a message to the `out` of its sender, or to `others` if its sender has no directory.
  private func deliver(_ payload: Payload, from: ID) {
    let line = LogLine.message(from, payload.bytes)
    if let entry = entries[.peer(from)], !FileSystem.isDirectory(entry.folder) { forget(entry) }
    if let entry = entries[.peer(from)] ?? makePeer(from) {
      openInput(of: entry)
      if append(line, to: entry) { return }
    }
    do throws(SystemError) {
      try others.append(line)
    } catch {
      lost(error, others.path)
    }
  }

  private func write(_ line: [UInt8], to place: Place) {
    if let entry = entries[place] { append(line, to: entry) }
  }

  /// Appends a line to the `out` of a directory.
  ///
  /// - Returns: false if `in` and `out` are gone: the directory is about to be removed, which a new
  ///   `out` would prevent.
  @discardableResult
  func append(_ line: [UInt8], to entry: DirectoryEntry) -> Bool {
    if entry.input != nil, !FileSystem.exists(entry.out.path), !FileSystem.exists("\(entry.folder)/in") { return false }
    do throws(SystemError) {
      try entry.out.append(line)
    } catch {
      lost(error, entry.out.path)
    }
    return true
  }

  // MARK: Answers

  /// Writes an answer to the file that has the name of its tag.
  func write(_ answer: PendingRequests.Answer) {
    let (place, tag): (Place, ID)
    switch answer {
    case .incomplete: return
    case .line(let target, let name, _), .whole(let target, let name, _): (place, tag) = (target, name)
    }
    guard let entry = entries[place] else { return }
    let folder = "\(entry.folder)/answers"
    let path = "\(folder)/\(PathName.encode(tag))"
    do throws(SystemError) {
      try FileSystem.makeDirectory(folder)
      switch answer {
      case .incomplete: break
      case .line(_, _, let line):
        var file = AppendedFile(path, limit: settings.outSize)
        try file.append(line)
      case .whole(_, _, let content): try ReplacedFile.replace(path, content)
      }
    } catch {
      lost(error, path)
    }
  }
}
