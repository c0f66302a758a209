// ssmp console.

import CommandLineTools
import Glibc
import SSMPClient

extension Command {
  /// A session by hand.
  static let console = Command(
    name: "console", operands: "", help: "type requests, and see responses and events",
    details: [
      "Each line is a request of SSMP, such as `SUBSCRIBE news PRESENCE`, `UCAST bob hi` or `PING`, or a short form: "
        + ShortForm.all.map(\.usage).joined(separator: ", ")
        + ". LOGIN, and the PONG to the server's PINGs, are sent for you.",
      "A payload is sent as it is typed. In the TEXT of a short form \\n, \\t, \\r, \\0, \\\\ and \\xHH stand for bytes; a text "
        + "with a line end in it is sent as a binary payload.",
      "On a terminal there is a prompt, which can be edited (/help lists the keys), and events appear above it with their "
        + "time (UTC) and in color, unless NO_COLOR is set. Ctrl-D, /quit and CLOSE end the session with 0, Ctrl-C in an "
        + "empty line with 130.",
      "Otherwise lines are read from standard input, and responses and events are printed a line each. The command ends "
        + "when the input has ended and all responses have come, with the code of the first line that was refused or could "
        + "not be sent; the lines behind that are sent, too. --retry connects again when the connection is lost; without it "
        + "the command ends with 5.",
    ], options: { CommandOptions.output.filter { $0.name != "count" } }, counts: 0...0
  ) { settings, _ in
    let isInteractive = Terminal.isInteractive
    let text = ConsoleText(
      settings.output, isTerminal: isatty(STDOUT_FILENO) == 1, isInteractive: isInteractive,
      hasColor: isInteractive && Terminal.hasColor)
    let screen = isInteractive ? ConsoleScreen() : nil
    let output: any ConsoleOutput = screen ?? PlainOutput()
    let around = ConsoleSession.Surroundings(
      text: text, output: output, isInteractive: isInteractive, retries: settings.retries)
    let closing = ClosingResponse()
    return try await Session.run(
      settings,
      adjust: { configuration in
        let isVerbose = settings.diagnostics == .verbose
        configuration.trace = { line in
          closing.note(line)
          guard isVerbose else { return }
          guard isInteractive else { return Output.writeError("\(line)\n") }
          try? output.write(line: text.line(note: "\(line)"))
        }
      }
    ) { client in
      defer { screen?.close() }
      let session = ConsoleSession(client, around, closing)
      let events = client.events()
      try screen?.open(prompt: "\(client.id)> ")
      return try await session.run(screen?.input ?? .piped, events)
    }
  }
}
