// What an operator may say, one line each.

import CommandLineTools

/// A command of the admin socket.
enum AdminCommand: Equatable {
  case help
  case stats
  case connections(Selection<ConnectionOrder>)
  case connection(String)
  case topics(Selection<TopicOrder>)
  case topic(String)
  case close(String)
  case logLevel(LogLevel)
  case tap(String, showsPayload: Bool)
  case reload
  case drain
  /// The first line of a request in HTTP.
  case http(String)
  /// An empty line, which means nothing.
  case nothing

  /// The most bytes of a line, without its end.
  static let longestLine = 512

  /// What a line asks for.
  ///
  /// - Throws: what is wrong with it, in one line that says what would be accepted.
  init(_ line: String) throws(AdminError) {
    let words = line.split(separator: " ").map(String.init)
    guard let name = words.first else {
      self = .nothing
      return
    }
    if words.count == 3, words[2].hasPrefix("HTTP/") {
      self = .http(line)
      return
    }
    guard let form = Self.forms.first(where: { $0.name == name }) else {
      throw AdminError("'\(name.printable)' is not a command; say help")
    }
    let operands = Array(words.dropFirst())
    guard form.operands.contains(operands.count) else { throw AdminError("say \(form.usage)") }
    self = try Self.command(name, operands, form.usage)
  }

  private static func command(
    _ name: String, _ operands: [String], _ usage: String
  ) throws(AdminError) -> AdminCommand {
    switch name {
    case "stats": return .stats
    case "connections": return .connections(try Selection(operands, usage))
    case "connection": return .connection(operands[0])
    case "topics": return .topics(try Selection(operands, usage))
    case "topic": return .topic(operands[0])
    case "close": return .close(operands[0])
    case "log-level":
      guard let level = LogLevel(name: operands[0]) else {
        let meant = LogLevel.meant(by: operands[0]).map { "did you mean \($0.name)? " } ?? ""
        throw AdminError("'\(operands[0].printable)' is not a level; \(meant)say \(LogLevel.list)")
      }
      return .logLevel(level)
    case "tap":
      guard operands.count == 1 || operands[1] == "payload" else { throw AdminError("say \(usage)") }
      return .tap(operands[0], showsPayload: operands.count == 2)
    case "reload": return .reload
    case "drain": return .drain
    default: return .help
    }
  }

  /// How a command is written.
  struct Form {
    let usage: String
    let operands: ClosedRange<Int>
    let help: String

    /// The command's name.
    var name: Substring { usage.prefix { $0 != " " } }
  }

  /// All commands, in the order of `help`.
  static let forms = [
    Form(usage: "help", operands: 0...0, help: "this list"),
    Form(usage: "stats", operands: 0...0, help: "a summary of counts, and whether every loop answers"),
    Form(
      usage: "connections [PREFIX] [sort=KEY] [limit=N]", operands: 0...3,
      help: "the connections, or those whose identifiers begin so; sorted by id, seconds, pending, subscriptions, "
        + "requests, bytes-in or bytes-out"),
    Form(usage: "connection ID", operands: 1...1, help: "one of them, with its subscriptions"),
    Form(
      usage: "topics [PREFIX] [sort=KEY] [limit=N]", operands: 0...3,
      help: "the topics, or those whose names begin so; sorted by topic, subscribers or watchers"),
    Form(usage: "topic NAME", operands: 1...1, help: "one of them, with its subscribers"),
    Form(usage: "close ID", operands: 1...1, help: "close a connection"),
    Form(usage: "log-level LEVEL", operands: 1...1, help: "log error, warning, notice, info or debug from now on"),
    Form(
      usage: "tap ID [payload]", operands: 1...2,
      help: "show what a connection says and is told, without payloads or with them, until a line comes"),
    Form(usage: "reload", operands: 0...0, help: "read files again, as SIGHUP does, and say what came of it"),
    Form(usage: "drain", operands: 0...0, help: "go down, as SIGTERM does"),
  ]

  /// The answer to `help`.
  static var helpLines: [String] {
    // Keys and values like every other answer, in columns all the same.
    let width = forms.map(\.usage.count).max() ?? 0
    let notes = [
      "ID is an identifier, or a connection as listings show it: #0.17.3",
      "listings are made in pieces: what comes and goes meanwhile may be missing, or be there twice",
      "an answer ends with a line that is ok, or begins with ok or with error:",
    ]
    return forms.map { form in
      "command=\(form.usage.quoted)\(String(repeating: " ", count: width - form.usage.count)) help=\(form.help.quoted)"
    } + notes.map { "note=\($0.quoted)" }
  }
}

/// Why a command is not carried out, in one line.
struct AdminError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }

  /// What one operator too many is told.
  static let full = "\(AdminServer.operators) operators are at work, and no more are served"
}
