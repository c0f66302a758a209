// ssmp sub, recv.

import CommandLineTools
import SSMPClient

extension Command {
  /// What is published to topics.
  static let sub = Command(
    name: "sub", operands: "TOPIC...", help: "print what is published to topics",
    details: [
      "Each event is written at once. `-o text` prints the payload and a line end; payloads with line ends in them need "
        + "`-o json` or `-o wire`. On a terminal, control characters are shown and not carried out.",
      "--ready is for scripts that must not miss what comes next: `ssmp sub t --ready 3 3>fifo` writes a line to descriptor "
        + "3 when the server has accepted all subscriptions. If the connection is lost the command ends with 5; with "
        + "--retry it connects again and says on standard error that messages were missed.",
    ],
    options: {
      [.action("presence", "print `+ ID` and `- ID` for those who come and go") { $0.showsPresence = true }.with("p")]
        + CommandOptions.output + CommandOptions.following
    }, counts: 1...1000
  ) { settings, operands in
    var topics: [ID] = []
    for text in operands { topics.append(try CommonOptions.id(operand: "topic", text)) }
    let follower = Follower(settings, topics: topics, watches: settings.showsPresence || settings.untilLeft != nil)
    let showsPresence = settings.showsPresence
    return try await follower.run { event in
      event.verb == "MCAST" || showsPresence && (event.verb == "SUBSCRIBE" || event.verb == "UNSUBSCRIBE")
    }
  }

  /// What is sent to this client.
  static let recv = Command(
    name: "recv", operands: "", help: "print what is sent to -i ID, and broadcasts",
    details: [
      "Prints UCAST and BCAST events. Without -i, and a certificate, the identifier is a random one, which is written to "
        + "standard error. Broadcasts come from clients that share a topic: --join TOPIC subscribes to one.",
      "Whoever logs in under an identifier displaces the client that is logged in under it.",
    ],
    options: {
      [CommandOptions.join] + CommandOptions.output + [CommandOptions.following[0]]
    }, counts: 0...0
  ) { settings, _ in
    try await Follower(settings, topics: settings.topics, watches: false).run { event in
      event.verb == "UCAST" || event.verb == "BCAST"
    }
  }
}
