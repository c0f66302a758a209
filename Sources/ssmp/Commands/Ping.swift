// ssmp ping.

import CommandLineTools
import SSMPClient
import SSMPTransport

extension Command {
  /// The way to the server and back.
  static let ping = Command(
    name: "ping", operands: "", help: "measure the time to the server and back",
    details: ["Logs in, and sends a PING each second. -n N ends after N; the default is 4."],
    options: { [.number("count", "how many (default: 4)", 1...1_000_000_000) { $0.count = $1 }.with("n")] },
    counts: 0...0
  ) { settings, _ in
    let start = MonotonicTime.nanoseconds()
    return try await Session.run(settings) { client in
      try StandardOutput.write("connected and logged in as \(client.id) in \(time(since: start))\n")
      var times: [UInt64] = []
      for number in 1...(settings.count ?? 4) {
        if number > 1 { try await Task.sleep(for: .seconds(1)) }
        let start = MonotonicTime.nanoseconds()
        do {
          try await client.ping()
        } catch let error as SSMPError where settings.retries && error.sent != nil {
          Diagnostics.note("\(error)")
          try await client.becomeOnline()
          continue
        }
        times.append(MonotonicTime.nanoseconds() - start)
        try StandardOutput.write("PONG \(number): \(Format.time(nanoseconds: times[times.count - 1]))\n")
      }
      guard !times.isEmpty else { return .connectionLost }
      let mean = times.reduce(0, +) / UInt64(times.count)
      let (least, most) = (times.min() ?? 0, times.max() ?? 0)
      try StandardOutput.write(
        "\(times.count) round trips: least \(Format.time(nanoseconds: least)), mean \(Format.time(nanoseconds: mean)), "
          + "most \(Format.time(nanoseconds: most))\n")
      return .done
    }
  }

  private static func time(since start: UInt64) -> String {
    Format.time(nanoseconds: MonotonicTime.nanoseconds() - start)
  }
}
