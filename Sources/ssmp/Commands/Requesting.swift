// ssmp req.

import CommandLineTools
import SSMPClient

extension Command {
  /// A request to a service.
  static let req = Command(
    name: "req", operands: "ID VERB [ARG]", help: "ask a client, or all instances of a service",
    details: [
      "Sends the request `VERB ARG` (docs/services.md) to the client ID and prints its answer. The answer 303 is an address to "
        + "fetch the answer from, and is printed like 200. Any other is printed on standard error, and the exit code is 1, 6 for 404 "
        + "or 7 for 405. Parts of an answer are printed before it, one a line. "
        + "Without an answer within the time of -W (default: 10s) the code is 124.",
      "--all asks all instances of the service NAME, and prints a line for each: its identifier, the code and the answer. "
        + "--best asks one of them: of two that are chosen by chance, the one with less to do.",
    ],
    options: {
      [
        .action("all", "ask all instances of a service") { $0.service.asksAll = true }.with("a"),
        .action("best", "ask the less loaded of two instances of a service") { $0.service.asksBest = true }.with("b"),
      ]
    }, counts: 2...3
  ) { settings, operands in
    let target = try CommonOptions.id(operand: "id", operands[0])
    let verb = try CommonOptions.id(operand: "verb", operands[1]).description
    let argument = operands.count > 2 ? operands[2] : ""
    guard !settings.service.asksAll || !settings.service.asksBest else {
      throw OptionError("\(setting: "all") and \(setting: "best") cannot be given together; leave one out")
    }
    let timeout = Duration.milliseconds(Int64(settings.timeLimit ?? 10_000))
    return try await Session.run(settings) { client in
      do {
        if settings.service.asksAll {
          let replies = try await client.directory(of: target).callAll(verb, argument, timeout: timeout)
          return try print(replies)
        }
        let reply =
          settings.service.asksBest
          ? try await client.directory(of: target).call(verb, argument, timeout: timeout)
          : try await client.call(verb, argument, of: target, timeout: timeout)
        return try print(reply)
      } catch SSMPError.invalid(let reason) {
        throw Failure(.invalidMessage, reason)
      }
    }
  }

  private static func print(_ reply: SSMPClient.Reply) throws -> ExitStatus {
    for part in reply.parts { try StandardOutput.write(shown(part.text, part.bytes)) }
    guard reply.isSuccess || reply.code == 303 else {
      Diagnostics.report("the answer is \(reply.code)\(reply.text.isEmpty ? "" : " \(reply.text.printable)")")
      if let bytes = reply.bytes { try StandardOutput.write(StandardOutput.guarded(bytes)) }
      return Failure.status(of: reply.code)
    }
    try StandardOutput.write(shown(reply.text, reply.bytes))
    return .done
  }

  /// An answer: its text in a line, if there is one, and its bytes as they are.
  private static func shown(_ text: String, _ bytes: [UInt8]?) -> [UInt8] {
    let line = text.isEmpty ? [] : Array(text.utf8) + [UInt8(ascii: "\n")]
    return StandardOutput.guarded(line + (bytes ?? []))
  }

  private static func print(_ replies: [ID: SSMPClient.Reply?]) throws -> ExitStatus {
    guard !replies.isEmpty else { return .nobodyThere }
    var status = ExitStatus.done
    for (id, reply) in replies.sorted(by: { $0.key < $1.key }) {
      guard let reply else {
        Diagnostics.report("\(id) has not answered")
        status = .refused
        continue
      }
      if !reply.isSuccess { status = .refused }
      let text = EventPrinter.guarded(Array(reply.text.utf8) + (reply.bytes ?? []))
      try StandardOutput.write("\(id) \(reply.code)\(text.isEmpty ? "" : " \(text)")\n")
    }
    return status
  }
}
