// The man page, made of the tables of commands and options.

import CommandLineTools

/// What `ssmp --help man` prints: the source of ssmp.1.
enum ToolManual {
  /// The page.
  static var text: String {
    var page = ManualPage(
      "ssmp", description: "client for SSMP, the Stupid-Simple Messaging Protocol",
      synopsis: ["[OPTION]... COMMAND [ARGUMENT]...", "`--help` [SUBJECT] | `--version`"])
    page.section("Description")
    page.paragraphs([
      "`ssmp` publishes and subscribes, sends messages to clients, lists the clients in a topic, calls services and offers them, "
        + "on a server that speaks SSMP 1.1, such as ssmpd(8).",
      "The options of all commands may stand before the command and behind it, those of one command behind it. `--` ends them.",
      "Without `--server` and `--context` the server is that of the context `default`, and without that "
        + "tcp://127.0.0.1:8787.",
    ])
    page.section("Commands")
    for command in Commands.all { page.add(command) }
    page.section("Options")
    page.paragraphs(["These options are for all commands. Those of this first list can stand in a context, too:"])
    page.options(CommonOptions.context)
    page.paragraphs(["These cannot:"])
    page.options(CommonOptions.running)
    page.section("Environment")
    page.list(environment)
    page.section("Files")
    page.list([
      ("~/.config/ssmp/NAME", ["The context NAME: a setting in each line, with the name of an option and its value."])
    ])
    page.section("Exit status")
    page.list(ToolHelp.exitCodes.map { ($0.name, [$0.text + "."]) })
    page.section("Examples")
    page.example([
      "ssmp sub news -o json", "ssmp pub news 'hello'", "journalctl -f | ssmp -i pump pub logs",
      "ssmp -c home who news", "ssmp -s tls://ssmp.example.org --cert amy.pem console",
    ])
    page.section("See also")
    page.paragraphs(["ssmp-bench(1), ssmpd(8), /usr/share/doc/ssmp-tools/ssmp.md"])
    return page.text
  }

  private static let environment: [(term: String, paragraphs: [String])] = [
    ("SSMP_CONTEXT", ["The context, where `--context` is not given."]),
    ("XDG_CONFIG_HOME", ["The folder that contexts are in, below `ssmp` (default: ~/.config)."]),
    ("NO_COLOR", ["If it is set and not empty, nothing is colored."]),
    ("TERM", ["`console` edits lines on a terminal, unless this is `dumb`."]),
  ]
}

extension ManualPage {
  /// Adds a command with its options behind a list.
  fileprivate mutating func add(_ command: Command) {
    list([(command.usage, [command.help + "."] + command.details)])
    let options = command.options()
    if !options.isEmpty { sublist(options.map { ($0.usage, [$0.help + "."]) }) }
  }
}
