// Subscriptions to the topics that have directories.

import SSMPClient

/// Keeps the client subscribed to the topics that have directories, and to no others.
struct TopicKeeper {
  let tree: DirectoryTree
  let client: SSMPClient
  /// If the disk is slower than the topic, the server is read from more slowly, too.
  private static let buffering = SSMPClient.Buffering.suspend(limit: 16 << 10)
  /// The tasks that write the events. To cancel one unsubscribes.
  private var tasks: [ID: Task<Void, Never>] = [:]

  init(tree: DirectoryTree, client: SSMPClient) {
    (self.tree, self.client) = (tree, client)
  }

  /// Subscribes and unsubscribes.
  mutating func update() async {
    // Without a connection, the next one is another occasion.
    guard client.state == .online else { return }
    let wanted = await tree.topics
    for (topic, task) in tasks where !wanted.contains(topic) {
      task.cancel()
      tasks[topic] = nil
    }
    for topic in wanted.sorted() where tasks[topic] == nil {
      do throws(SSMPError) {
        try await subscribe(to: topic)
      } catch {
        if case .refused = error { await tree.refused(topic, error) } else { await retry(topic, error) }
      }
    }
  }

  private mutating func subscribe(to topic: ID) async throws(SSMPError) {
    let subscription: SSMPClient.Subscription
    var hasMembers = true
    do throws(SSMPError) {
      subscription = try await client.subscribe(to: topic, presence: true, buffering: Self.buffering)
    } catch {
      guard case .refused(let response) = error, response.code == 405 else { throw error }
      // It may be the members alone that this client must not see.
      hasMembers = false
      subscription = try await client.subscribe(to: topic, buffering: Self.buffering)
    }
    await tree.subscribed(topic, hasMembers: hasMembers)
    tasks[topic] = Task { [tree] in
      if let error = await tree.follow(subscription) { tree.occasions.yield(.ended(topic, error)) }
    }
  }

  private func retry(_ topic: ID, _ error: SSMPError) async {
    guard client.state == .online else { return }
    await tree.report(.topic(topic), "not subscribed yet: \(error)")
    Task { [tree] in
      try await Task.sleep(for: .seconds(5))
      tree.occasions.yield(.topics)
    }
  }

  /// A subscription has ended by itself.
  mutating func ended(_ topic: ID, _ error: SSMPError) async {
    tasks[topic] = nil
    switch error {
    case .refused: await tree.refused(topic, error)
    case .overflow:
      await tree.report(.topic(topic), "messages were dropped: \(error)")
      await update()
    default: break
    }
  }

  /// Unsubscribes from all topics.
  func end() { for task in tasks.values { task.cancel() } }
}
