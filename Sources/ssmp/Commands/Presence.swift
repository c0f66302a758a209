// ssmp who, watch.

import CommandLineTools
import SSMPClient

extension Command {
  /// The members of a topic now.
  static let who = Command(
    name: "who", operands: "TOPIC", help: "print the members of a topic; 6 if there is none",
    details: [
      "Prints an identifier a line, in order. To find out, the command subscribes with presence: who watches the topic sees "
        + "it come and go. `-o json` also tells which members watch presence themselves.",
      "SSMP does not mark the end of the list that the server sends: the command waits until two round trips have brought "
        + "nothing new.",
    ],
    options: { CommandOptions.output.filter { $0.name == "output" } }, counts: 1...1
  ) { settings, operands in
    let topic = try CommonOptions.id(operand: "topic", operands[0])
    let members = try await Session.run(settings) { client in try await roster(of: topic, client) }
    for (id, watches) in members.sorted(by: { $0.key < $1.key }) {
      try StandardOutput.write(line(id, topic, watches: watches, settings.output.form))
    }
    return members.isEmpty ? .nobodyThere : .done
  }

  /// The members of a topic, and their coming and going.
  static let watch = Command(
    name: "watch", operands: "TOPIC", help: "print the members of a topic, then + ID and - ID as they come and go",
    details: [
      "Begins with a `+` line for each member. --until-left ID ends when that client leaves, so that a script can act; it "
        + "ends with 6 at once if the client is not there."
    ], options: { CommandOptions.output + CommandOptions.following }, counts: 1...1
  ) { settings, operands in
    let topic = try CommonOptions.id(operand: "topic", operands[0])
    return try await Follower(settings, topics: [topic], watches: true).run { event in
      event.id == topic && (event.verb == "SUBSCRIBE" || event.verb == "UNSUBSCRIBE")
    }
  }

  private static func roster(of topic: ID, _ client: SSMPClient) async throws -> [ID: Bool] {
    let subscription = try await client.subscribe(to: topic, presence: true, buffering: .dropOldest(limit: 1))
    defer { withExtendedLifetime(subscription) {} }
    try await Rosters.settle([topic], client)
    return client.roster(of: topic)
  }

  private static func line(_ id: ID, _ topic: ID, watches: Bool, _ form: OutputSettings.Form) -> String {
    switch form {
    case .text: return "\(id)\n"
    case .wire: return "000 \(id) SUBSCRIBE \(topic)\(watches ? " PRESENCE" : "")\n"
    case .json:
      var object = JSONText()
      object.add("id", id.description)
      object.add("topic", topic.description)
      object.add("presence", literal: "\(watches)")
      return object.text + "\n"
    }
  }
}

/// The members of topics, as far as the server has told of them.
enum Rosters {
  /// Waits until the server has told of all members that are there: two round trips have brought nothing new.
  static func settle(_ topics: [ID], _ client: SSMPClient) async throws {
    var quietRounds = 0
    var known = -1
    while quietRounds < 2 {
      try await client.ping()
      let count = topics.reduce(0) { $0 + client.roster(of: $1).count }
      quietRounds = count == known ? quietRounds + 1 : 0
      known = count
    }
  }
}
