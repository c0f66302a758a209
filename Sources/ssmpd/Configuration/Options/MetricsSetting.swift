// `--metrics`.

import CommandLineTools
import SSMPTransport

/// Where metrics are offered by HTTP.
struct MetricsSetting: Equatable {
  let address: SocketAddress
  /// The setting as it was written, for messages.
  let text: String

  init(_ text: String) throws(ConfigurationError) {
    self.text = text
    let isPublic = text.hasSuffix("?public")
    let place = isPublic ? text.dropLast("?public".count) : Substring(text)
    let accepted = "tcp://ADDRESS:PORT (tcp://127.0.0.1:9787, tcp://[::1]:9787)"
    guard place.hasPrefix("tcp://") || !place.contains("://") else {
      throw ConfigurationError(setting: "metrics", value: text, accepted: .init(accepted))
    }
    let hasScheme = place.hasPrefix("tcp://")
    let rest = hasScheme ? place.dropFirst("tcp://".count) : place
    let found = SocketAddress(internet: String(rest))
    guard hasScheme || found == nil else {
      throw ConfigurationError(
        setting: "metrics", value: text, problem: "it has no scheme", accepted: "tcp://\(text)")
    }
    guard let address = found, !address.needsInterface else {
      let hinted = rest.contains { $0 == "?" || $0 == "/" } ? "" : rest
      throw ConfigurationError(setting: "metrics", address: hinted, scheme: "tcp://", in: text, accepted: accepted)
    }
    guard isPublic || address.isLocal else {
      throw ConfigurationError(
        setting: "metrics",
        ConfigurationError.Wording(
          "'\(text.printable)' can be reached from other machines, and everybody there may read them; "
            + "give a loopback address, or \(text.printable)?public if that is meant"))
    }
    self.address = address
  }
}
