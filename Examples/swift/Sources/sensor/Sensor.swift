// A sensor: it logs in with a device certificate over TLS, and publishes a reading each second.

import Foundation
import SSMPClient

@main
struct Sensor {
  static func main() async {
    do {
      let arguments = CommandLine.arguments
      guard arguments.count == 6 else { throw SSMPError.invalid("usage: sensor SERVER NAME CA CERTIFICATE KEY") }
      var configuration = SSMPClient.Configuration(
        try .init(arguments[1]), login: .certificate(try ID(arguments[2])),
        tls: .init(authorities: arguments[3], certificate: arguments[4], key: arguments[5]))
      // A sensor may start before its server does.
      configuration.reconnection.appliesToStart = true
      try await SSMPClient.withClient(configuration, publish)
    } catch SSMPError.invalid(let reason) {
      fail(2, reason)
    } catch {
      fail(1, "\(error)")
    }
  }

  /// Publishes readings. Only an error that connecting again does not mend ends this.
  private static func publish(_ client: SSMPClient) async throws {
    while true {
      let reading = try Payload(String(format: "%.1f C", Double.random(in: 19...23)))
      do {
        try await client.multicast(reading, to: "readings")
        show("\(reading)")
      } catch .offline, .connectionLost, .timedOut {
        // The next reading is worth more than a late one. The client connects again by itself.
        show("\(reading) is dropped")
      }
      try await Task.sleep(for: .seconds(1))
    }
  }

  /// Writes a line, without the buffer of `print` for pipes and files.
  private static func show(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
  }

  private static func fail(_ status: Int32, _ reason: String) -> Never {
    FileHandle.standardError.write(Data("sensor: \(reason)\n".utf8))
    exit(status)
  }
}
