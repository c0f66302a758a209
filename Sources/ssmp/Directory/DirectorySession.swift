// The directory and the connection.

import CommandLineTools
import SSMPClient
import SSMPTransport

/// Carries what stands in a directory to the server, and what the server sends into it.
struct DirectorySession: Sendable {
  let tree: DirectoryTree
  let client: SSMPClient
  let occasions: AsyncStream<DirectoryTree.Occasion>
  let listings: AsyncStream<Void>

  /// Runs until the client ends, or the task is cancelled.
  ///
  /// - Throws: what has ended the client.
  func run() async throws {
    // True for the one whose end is the end of all.
    try await withThrowingTaskGroup(of: Bool.self) { group in
      defer { group.cancelAll() }
      let changes = await changes()
      let parts: [@Sendable () async throws -> Void] = [
        { for await state in client.states { tree.occasions.yield(.state(state)) } }, keepTopics, sendLines,
        writeListings, { await follow(changes) }, lookNowAndThen,
      ]
      for part in parts {
        group.addTask {
          try await part()
          return false
        }
      }
      group.addTask {
        try await tree.follow(client.messages)
        return true
      }
      while try await group.next() == false {}
      try Task.checkCancellation()
    }
  }

  // MARK: Subscriptions

  private func keepTopics() async {
    var keeper = TopicKeeper(tree: tree, client: client)
    for await occasion in occasions {
      switch occasion {
      case .topics: await keeper.update()
      case .ended(let topic, let error): await keeper.ended(topic, error)
      case .state(let state):
        // First the topics: a front end that reads "online" misses nothing that is published from then on.
        if state == .online { await keeper.update() }
        await tree.note(state)
      }
    }
    keeper.end()
  }

  // MARK: Lines

  private func sendLines() async {
    while await isOnline(), let ready = await tree.watch.next() {
      // Meanwhile the connection may be lost: what is not read yet waits in the FIFO for the next one.
      guard client.state == .online else { continue }
      let lines = await tree.read(ready)
      guard !lines.isEmpty else { continue }
      let results = await client.send(lines.map { $0.place.draft($0.payload) })
      await tree.settle(lines, results)
    }
  }

  /// Waits for a connection; false if there will be none.
  private func isOnline() async -> Bool {
    guard client.state != .online else { return !Task.isCancelled }
    for await state in client.states where state == .online { return true }
    return false
  }

  // MARK: Listings

  private func writeListings() async {
    for await _ in listings {
      let isDone = await tree.flush(client)
      if !isDone { tree.listings.yield() }
      // What changes often is written ten times a second, and what cannot be written is tried again each second.
      guard (try? await Task.sleep(for: isDone ? .milliseconds(100) : .seconds(1))) != nil else { return }
    }
  }

  // MARK: Directories

  /// What tells of directories that users make; `nil` if the system does not.
  private func changes() async -> (source: DirectoryChanges, kinds: [Int32: Int])? {
    do throws(SystemError) {
      let source = try DirectoryChanges()
      var kinds: [Int32: Int] = [:]
      for index in Place.kinds.indices { kinds[try source.add("\(tree.root)/\(Place.kinds[index].name)")] = index }
      // What was made since the program has looked.
      await scan()
      return (source, kinds)
    } catch {
      Diagnostics.note("new directories are noticed every few seconds only: \(error)")
      return nil
    }
  }

  private func follow(_ changes: (source: DirectoryChanges, kinds: [Int32: Int])?) async {
    // Without it there is the look that is taken now and then.
    guard let changes else { return }
    while let all = await changes.source.next() {
      for change in all {
        switch change {
        case .many: await scan()
        case .name(let number, let name):
          guard let index = changes.kinds[number] else { continue }
          await tree.look(at: name, in: Place.kinds[index].name, Place.kinds[index].place)
        }
      }
    }
  }

  /// Looks at everything again and again: a directory tells nothing of what happens in its parent, or in its own directories.
  ///
  /// - Throws: `Failure` if all of it is gone.
  private func lookNowAndThen() async throws {
    while (try? await Task.sleep(for: .seconds(2))) != nil {
      guard FileSystem.isDirectory(tree.root) else {
        throw Failure(.refused, "'\(tree.root.printable)' is no directory any more")
      }
      await tree.renew()
      await scan()
    }
  }

  private func scan() async {
    for kind in Place.kinds { await tree.scan(kind.name, kind.place) }
  }
}
