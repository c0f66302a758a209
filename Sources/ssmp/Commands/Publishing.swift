// ssmp pub, send, bcast.

import CommandLineTools
import SSMPClient

extension Command {
  /// Messages to a topic.
  static let pub = Command(
    name: "pub", operands: "TOPIC [TEXT]", help: "publish messages to a topic", details: publishingDetails,
    options: { CommandOptions.input }, counts: 1...2
  ) { settings, operands in
    let topic = try CommonOptions.id(operand: "topic", operands[0])
    return try await publish(settings, text: operands.dropFirst().first) { .multicast($0, to: topic) }
  }

  /// Messages to a client.
  static let send = Command(
    name: "send", operands: "ID [TEXT]", help: "send messages to a client; 6 if it is not there",
    details: publishingDetails, options: { CommandOptions.input }, counts: 1...2
  ) { settings, operands in
    let recipient = try CommonOptions.id(operand: "id", operands[0])
    return try await publish(settings, text: operands.dropFirst().first) { .unicast($0, to: recipient) }
  }

  /// Messages to all clients that share a topic with this client.
  static let bcast = Command(
    name: "bcast", operands: "[TEXT]", help: "send messages to all clients that share a topic with this one",
    details: [
      "The server sends a broadcast to the clients that share a topic with its sender. A client that has just logged in "
        + "shares none: --join TOPIC subscribes first, and is repeated for more topics."
    ] + publishingDetails,
    options: {
      CommandOptions.input + [CommandOptions.join]
    }, counts: 0...1
  ) { settings, operands in
    try await publish(settings, text: operands.first) { .broadcast($0) }
  }

  private static let publishingDetails = [
    "Without TEXT the messages come from standard input, one in each line; the last one needs no line end. Each is "
      + "acknowledged by the server before the command ends, and they arrive in order.",
    "A message has 1 to 1,024 bytes. One that is empty or longer is never cut: the command ends with 8, says which line it "
      + "is, and sends nothing that follows. Text with a line end in it (--whole, --file, --zero) is sent as a binary payload.",
    "With --retry the command connects again when the connection is lost, and says how many messages may be lost.",
  ]

  private static func publish(
    _ settings: Settings, text: String?, _ draft: @escaping @Sendable (Payload) -> SSMPClient.Draft
  ) async throws -> ExitStatus {
    let source = try MessageSource(settings.input, text: text)
    return try await Session.run(settings) { client in
      let subscriptions = try await Joining.subscribe(client, to: settings.topics)
      defer { withExtendedLifetime(subscriptions) {} }
      let publisher = Publisher(client, retries: settings.retries, skipsInvalid: settings.input.skipsInvalid, draft)
      return try await publisher.publish(source)
    }
  }
}

/// Subscriptions for their effect on presence and broadcasts alone.
enum Joining {
  /// Subscribes to topics without taking their events.
  static func subscribe(_ client: SSMPClient, to topics: [ID]) async throws -> [SSMPClient.Subscription] {
    var subscriptions: [SSMPClient.Subscription] = []
    for topic in topics {
      subscriptions.append(try await client.subscribe(to: topic, buffering: .dropOldest(limit: 1)))
    }
    return subscriptions
  }
}
