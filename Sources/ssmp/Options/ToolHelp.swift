// What `--help` prints.

import CommandLineTools

/// The help of the program, and of its commands.
enum ToolHelp {
  /// The help as a whole, or about a command, an option or a group of options.
  static func text(about subject: String?) throws(OptionError) -> String {
    guard let subject else { return pages.summary }
    if subject == "man" { return ToolManual.text }
    if let command = Commands.named(subject) { return text(of: command) }
    if let text = pages.text(about: subject) { return text }
    throw pages.unknown(subject)
  }

  /// The subjects beside commands and options.
  static let subjects = ["commands", "login", "running", "codes", "man", "all"]

  private static var pages: HelpPages {
    HelpPages(
      introduction: """
        ssmp publishes, subscribes, and lists the clients in a topic, on a server that speaks SSMP.

        usage: ssmp [OPTION]... COMMAND [ARGUMENT]...

        """,
      [
        HelpSection(
          "Commands", subject: "commands", rows: Commands.all.map { ($0.usage, $0.help) }),
        HelpSection("Server and login", subject: "login", CommonOptions.context.map { HelpEntry($0) }),
        HelpSection("Running", subject: "running", CommonOptions.running.map { HelpEntry($0) }),
        HelpSection("Exit codes", subject: "codes", rows: exitCodes),
      ],
      end: """

        `ssmp COMMAND --help` tells more about a command. Without -s and -c the server is the context
        `default` in ~/.config/ssmp, and without that tcp://127.0.0.1:8787.

        """)
  }

  static let exitCodes: [(name: String, text: String)] = [
    ("0", "done"),
    ("1", "the server, or another client, has answered with an error; or the output cannot be written"),
    ("2", "wrong options, context or file"),
    ("3", "no server was reached, or TLS has failed"),
    ("4", "the login was refused"),
    ("5", "the connection was lost"),
    ("6", "nobody is there (404)"),
    ("7", "not allowed (405)"),
    ("8", "a message is empty or too long"),
    ("124", "the time of -W is over"),
    ("128+N", "ended by signal N"),
  ]

  private static func text(of command: Command) -> String {
    let paragraphs = [command.help + "."] + command.details
    var text = "usage: ssmp [OPTION]... \(command.usage)\n"
    for paragraph in paragraphs {
      text += "\n" + TextLayout.wrapped(paragraph, HelpPages.columns - 2).map { "\($0)\n" }.joined()
    }
    let options = command.options()
    if !options.isEmpty {
      let width = options.map(\.usage.count).max() ?? 0
      text += "\nOptions\n"
      text += options.map { TextLayout.row($0.usage, $0.help, width, HelpPages.columns) }.joined()
    }
    return text + "\nThe options of all commands are in `ssmp --help`.\n"
  }
}
