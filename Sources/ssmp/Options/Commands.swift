// The table of commands.

/// All commands, in the order of the help.
enum Commands {
  /// The commands.
  static let all: [Command] =
    [
      .pub, .send, .bcast, .sub, .recv, .who, .watch, .req, .serve, .fs, .console, .top, .admin, .ping, .context,
      .completion,
    ]

  /// The command of this name.
  static func named(_ name: String) -> Command? { all.first { $0.name == name } }
}
