// The commands of the admin socket, as `ssmp admin` knows them.

import CommandLineTools
import SSMPTransport

/// A command, and the form of its answer. The server decides what it accepts: other commands are sent to it, too.
struct AdminVerb: Sendable {
  /// How it is written.
  let usage: String
  let help: String
  /// The key that the lines of a listing begin with.
  var itemKey: String?
  /// The name of the listing in JSON.
  var itemsName = "lines"
  /// The longest wait for a line of the answer, in milliseconds.
  var patience = AdminConnection.patience

  var name: Substring { usage.prefix { $0 != " " } }

  /// True for a line of the listing in the answer.
  func isItem(_ line: AdminLine) -> Bool { itemKey != nil && line.fields.first?.key == itemKey }

  /// All commands, in the order of the help.
  static let all = [
    AdminVerb(usage: "help", help: "list the commands"),
    AdminVerb(
      usage: "health", help: "check the server: 0 if it is healthy, 1 if not, 3 if it does not answer", patience: 5_000),
    AdminVerb(
      usage: "stats", help: "show counts, and whether every loop answers", itemKey: "loop", itemsName: "loops"),
    AdminVerb(usage: "metrics", help: "print the metrics, as GET /metrics does"),
    AdminVerb(
      usage: "connections [PREFIX] [sort=KEY] [limit=N]",
      help: "list the connections; sorted by id, seconds, pending, subscriptions, requests, bytes-in or bytes-out",
      itemKey: "conn", itemsName: "connections"),
    AdminVerb(
      usage: "connection ID", help: "show one connection with its subscriptions", itemKey: "topic", itemsName: "topics"),
    AdminVerb(
      usage: "topics [PREFIX] [sort=KEY] [limit=N]", help: "list the topics; sorted by topic, subscribers or watchers",
      itemKey: "topic", itemsName: "topics"),
    AdminVerb(usage: "topic NAME", help: "show one topic with its subscribers", itemKey: "id", itemsName: "members"),
    AdminVerb(usage: "close ID", help: "close a connection"),
    AdminVerb(
      usage: "log-level LEVEL", help: "log error, warning, notice, info or debug until the next reload"),
    AdminVerb(usage: "tap ID [payload]", help: "show live what a connection sends and receives"),
    // The server gives up after 120 s.
    AdminVerb(usage: "reload", help: "read files again; 1 if the reload fails", patience: 130_000),
    AdminVerb(usage: "drain", help: "stop the server as SIGTERM does"),
  ]

  /// The longest line of a command, without its end.
  static let longestLine = 512

  /// What is known of the command with this name; of any other that its answer is lines.
  static func named(_ name: String) -> AdminVerb {
    all.first { $0.name == name } ?? AdminVerb(usage: name, help: "")
  }

  /// The words of a command as a line.
  static func line(_ words: [String]) throws(OptionError) -> String {
    for word in words where word.isEmpty || !word.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) {
      throw OptionError(operand: "command", value: word, accepted: "words without blanks and control characters")
    }
    let line = words.joined(separator: " ")
    guard line.utf8.count <= longestLine else {
      throw OptionError("a command has at most \(longestLine) bytes; give a shorter one")
    }
    return line
  }
}
