// The options that several commands share.

import CommandLineTools
import SSMPClient

/// Options of commands that publish, and of commands that print.
enum CommandOptions {
  /// Where messages come from.
  static var input: [Option] {
    [
      .action("zero", "standard input: messages end with a byte 0") { $0.input.form = .zeros }.with("0"),
      .action("whole", "standard input is one message") { $0.input.form = .whole },
      .value("file", "the content of a file is the message", "FILE") { $0.input.file = $1 }.with("f"),
      choice("input", "standard input: lines, wire or json", InputSettings.Form.self, [.lines, .wire, .json]) {
        $0.input.form = $1
      }.with("I"),
      .action("skip-invalid", "go on after a message that cannot be sent") { $0.input.skipsInvalid = true },
    ]
  }

  /// Topics to subscribe to for their own sake: broadcasts reach the clients that share one.
  static var join: Option {
    .value("join", "subscribe to this topic first; may be repeated", "TOPIC") {
      (settings, text) throws(OptionError) in
      settings.topics.append(try CommonOptions.id(text, of: "join"))
    }
  }

  /// How messages are printed.
  static var output: [Option] {
    [
      choice(
        "output", "text (the payload), wire (as it came) or json", OutputSettings.Form.self, [.text, .wire, .json]
      ) {
        $0.output.form = $1
      }.with("o"),
      .value("format", "%i from, %t topic, %v verb, %p payload, %x hex, %j JSON, %T time, %%", "FORMAT") {
        (settings, text) throws(OptionError) in
        settings.output.format = try MessageFormat(text)
      }.with("F"),
      .action("raw", "send control characters to a terminal as they are") { $0.output.isRaw = true },
      .number("count", "end after N", 1...1_000_000_000_000) { $0.count = $1 }.with("n"),
    ]
  }

  /// What `sub` and `watch` have for scripts.
  static var following: [Option] {
    [
      .number("ready", "write a line to this descriptor when all is subscribed to", 0...1_048_575) {
        $0.readyDescriptor = Int32($1)
      },
      .value("until-left", "end when this client has left the topic", "ID") { (settings, text) throws(OptionError) in
        settings.untilLeft = try CommonOptions.id(text, of: "until-left")
      },
    ]
  }

  /// Where the admin socket is.
  static var admin: Option {
    .value("admin", "the server's admin socket (default: \(AdminSettings().path))", "PATH") { $0.admin.path = $1 }
  }

  /// An option whose value is one of a few words.
  private static func choice<Value: RawRepresentable<String> & Sendable>(
    _ name: String, _ help: String, _: Value.Type, _ values: [Value],
    _ apply: @escaping (inout Settings, Value) -> Void
  ) -> Option {
    let words = values.map(\.rawValue)
    return .value(name, help, words.joined(separator: "|")) { (settings, text) throws(OptionError) in
      guard words.contains(text), let value = Value(rawValue: text) else {
        let accepted = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        throw OptionError(setting: name, value: text, accepted: .init(accepted))
      }
      apply(&settings, value)
    }
  }
}
