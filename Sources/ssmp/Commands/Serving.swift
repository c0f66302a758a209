// ssmp serve.

import CommandLineTools
import SSMPClient

extension Command {
  /// A program as a service.
  static let serve = Command(
    name: "serve", operands: "VERB -- COMMAND...",
    help: "answer requests of other clients by running a program",
    details: [
      "For each request with this verb the program is run, without a shell. The argument of the request, or the bytes behind "
        + "it, are its standard input; SSMP_FROM, SSMP_VERB and SSMP_ARGUMENT are in its environment; its standard error is this "
        + "command's. What it prints is the answer: 200 if it ends with 0, 303, 404, 405 or 501 with 33, 44, 45 or "
        + "51, and 400 with any other code. An answer of more than about 1,000 bytes does not fit into a message: it is the answer 400, and never cut.",
      "Clients find the service as NAME (default: the verb), in the topic svc/NAME. Its load is the share of --jobs that "
        + "are at work. ping, info and stats are answered without the program (docs/services.md).",
    ],
    options: {
      [
        .value("as", "the name that the service is found by", "NAME") { (settings, text) throws(OptionError) in
          settings.service.name = try CommonOptions.id(text, of: "as")
        },
        .number("jobs", "the most programs at a time; more requests wait (default: 4)", 1...1000) {
          $0.service.jobs = $1
        },
        .time("job-limit", "how long a program may run (default: 10s)", upTo: "24h") { $0.service.jobLimit = $1 },
      ]
    }, counts: 2...10_000
  ) { settings, operands in
    let verb = try CommonOptions.id(operand: "verb", operands[0]).description
    let name = try settings.service.name ?? ID(verb)
    let service = settings.service
    let program = try ServedProgram(arguments: Array(operands.dropFirst()), limit: service.jobLimit)
    return try await Session.run(settings) { client in
      Diagnostics.note("\(client.id) serves \(verb) as \(name)")
      let load = SSMPClient.ServiceLoad()
      let jobs = JobCounter(load, service.jobs)
      async let _ = tellOfGaps(client)
      try await client.serve(
        name, version: ProductVersion.text, load: load, limit: service.jobs,
        verbs: [
          verb: { call in
            jobs.change(by: 1)
            defer { jobs.change(by: -1) }
            return try await program.answer(call)
          }
        ])
      try Task.checkCancellation()
      return .done
    }
  }

  /// Says when the connection is lost, and when there is one again.
  private static func tellOfGaps(_ client: SSMPClient) async {
    var isLost = false
    for await state in client.states {
      switch state {
      case .offline(_, next: .some):
        isLost = true
        Diagnostics.note("the connection was lost; requests are missed")
      case .online where isLost:
        isLost = false
        Diagnostics.note("connected again")
      default: continue
      }
    }
  }
}
