// ssmp admin.

import CommandLineTools

extension Command {
  /// Commands for a running server.
  static let admin = Command(
    name: "admin", operands: "[COMMAND…]", help: "inspect and control a running server over its admin socket",
    details: [
      "Sends a command to the admin socket of ssmpd and prints the answer. Without a command it lists the commands; "
        + "docs/admin.md explains them. The socket is open to root and to the server's user.",
      "On a terminal the answer is in columns. Elsewhere it is the server's lines of key=value, without the last line `ok`; "
        + "--table and --raw choose. --json prints one object, or for tap an object a line.",
      "The exit code is 1 if the server answers with an error: also for a reload that fails, and for `health` if the server "
        + "is not healthy. It is 3 if there is no server, or it does not answer.",
    ],
    usesContext: false,
    options: {
      [
        CommandOptions.admin,
        .action("json", "print JSON") { $0.admin.form = .json },
        .action("table", "print columns, whatever the output is") { $0.admin.form = .table },
        .action("raw", "print the server's lines, whatever the output is") { $0.admin.form = .raw },
        .number("count", "end a tap after N messages", 1...1_000_000_000_000) { $0.count = $1 }.with("n"),
      ]
    }, counts: 0...16
  ) { settings, operands in
    let verb = AdminVerb.named(operands.first ?? "help")
    let line = try AdminVerb.line(operands)
    let printer = AdminPrinter(settings.admin, verb)
    switch verb.name {
    case "help":
      try printer.help()
      return .done
    case "health":
      return try await AdminConnection.with(settings.admin.path) { connection in
        try printer.health(try connection.get("/healthz", within: verb.patience))
      }
    case "tap":
      return try await AdminConnection.with(settings.admin.path, isOrderly: true) { connection in
        try printer.tap(connection, line, count: settings.count)
      }
    default:
      return try await AdminConnection.with(settings.admin.path) { connection in
        try printer.answer(connection, line)
        return .done
      }
    }
  }
}
