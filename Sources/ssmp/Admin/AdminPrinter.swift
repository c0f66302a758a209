// Answers of the admin socket on standard output.

import CommandLineTools
import Glibc

/// Prints the answer to one command in the form that is asked for.
struct AdminPrinter {
  private let verb: AdminVerb
  private let form: AdminSettings.Form
  private let columns: Int

  init(_ settings: AdminSettings, _ verb: AdminVerb) {
    self.verb = verb
    form = settings.form ?? (isatty(STDOUT_FILENO) == 1 ? .table : .raw)
    columns = Terminal.size?.columns ?? 100
  }

  /// Asks a command, and prints the answer.
  func answer(_ connection: AdminConnection, _ line: String) throws {
    if verb.name == "metrics" || (verb.name == "stats" && form == .json) {
      return try page(connection, form == .json ? "/status.json" : "/metrics")
    }
    guard form != .raw else {
      try connection.ask(line, within: verb.patience) { try print($0) }
      return
    }
    let answer = try connection.ask(line, within: verb.patience)
    let text =
      form == .json ? AdminJSON.text(answer, verb) + "\n" : AdminTable.text(answer, verb, columns: columns)
    try StandardOutput.write(text)
  }

  /// Prints what the server answers in HTTP.
  private func page(_ connection: AdminConnection, _ path: String) throws {
    let response = try connection.get(path)
    guard response.status == 200 else { throw Failure(.refused, "the server answers \(response.status) to \(path)") }
    try StandardOutput.write(StandardOutput.guarded(response.body))
  }

  /// Prints the result of the health check.
  func health(_ response: AdminResponse) throws -> ExitStatus {
    let isHealthy = response.status == 200
    if form == .json {
      var object = JSONText()
      object.add("healthy", literal: "\(isHealthy)")
      let lines = response.lines.filter { $0 != "ok" }.map { AdminJSON.text(AdminLine($0.utf8)) }
      object.add("lines", literal: "[\(lines.joined(separator: ","))]")
      try StandardOutput.write(object.text + "\n")
    } else {
      try StandardOutput.write(StandardOutput.guarded(response.body))
    }
    return isHealthy ? .done : .refused
  }

  /// Prints the messages of a connection until it ends, or `count` have come.
  func tap(_ connection: AdminConnection, _ line: String, count: Int?) throws -> ExitStatus {
    var rest = count
    let summary = try connection.ask(line, within: nil) { bytes in
      guard rest != 0 else { return }
      let line = AdminLine(bytes)
      switch form {
      case .raw: try print(bytes)
      case .json: try StandardOutput.write(AdminJSON.text(line) + "\n")
      case .table: try StandardOutput.write(Self.tapText(line) + "\n")
      }
      if line["dir"] != nil, let left = rest {
        rest = left - 1
        // Any line ends a tap.
        if left == 1 { try connection.send("\n") }
      }
    }
    if let dropped = summary.number("dropped"), dropped > 0 { Diagnostics.note("\(dropped) messages were dropped") }
    return .done
  }

  /// A message as a person reads it: `12:01:07.114Z in   MCAST alarms payload-bytes=21`.
  private static func tapText(_ line: AdminLine) -> String {
    guard let time = line["at"], let direction = line["dir"] else {
      return line.fields.map { "\($0.key)=\($0.text)" }.joined(separator: " ")
    }
    let words = line.fields.filter { $0.key != "at" && $0.key != "dir" }.map { field in
      field.key == "line" ? field.text : "\(field.key)=\(field.text)"
    }
    return "\(time) \(TextLayout.padded(direction, 3))  \(words.joined(separator: " "))"
  }

  /// Prints the list of commands.
  func help() throws {
    let verbs = AdminVerb.all
    guard form != .json else {
      let items = verbs.map { verb in
        var object = JSONText()
        object.add("command", verb.usage)
        object.add("help", verb.help)
        return object.text
      }
      return try StandardOutput.write("{\"commands\":[\(items.joined(separator: ","))]}\n")
    }
    let width = verbs.map(\.usage.count).max() ?? 0
    let rows = verbs.map { TextLayout.row($0.usage, $0.help, width, HelpPages.columns) }
    try StandardOutput.write(rows.joined())
  }

  /// Prints a line as the server has sent it; to a terminal without control characters.
  private func print(_ line: [UInt8]) throws {
    try StandardOutput.write(StandardOutput.guarded(line) + [UInt8(ascii: "\n")])
  }
}
