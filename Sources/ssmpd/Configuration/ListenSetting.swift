// One `--listen`.

import SSMPCore
import SSMPTransport

/// Where to listen, and which schemes to offer there.
struct ListenSetting: Equatable {
  let address: SocketAddress
  /// The schemes named by `?auth=`; `nil` means all that are enabled.
  let schemes: SchemeSet?
  /// The setting as it was written, for messages.
  let text: String

  static let accepted =
    "tcp://ADDRESS:PORT or unix:PATH, with ?auth=SCHEME,... if wanted (tcp://127.0.0.1:8787, tcp://[::1]:8787, tcp://*:8787)"

  init(_ text: String) throws(ConfigurationError) {
    self.text = text
    var place = Substring(text)
    if let question = place.lastIndex(of: "?") {
      schemes = try Self.schemes(place[place.index(after: question)...], in: text)
      place = place[..<question]
    } else {
      schemes = nil
    }
    if place.hasPrefix("unix:") {
      let path = String(place.dropFirst(5))
      guard !path.isEmpty, path.utf8.count <= SocketAddress.longestPath else {
        throw ConfigurationError(
          setting: "--listen", value: text, accepted: "unix:PATH with a path of 1 to \(SocketAddress.longestPath) bytes"
        )
      }
      address = .unix(path)
    } else if place.hasPrefix("tcp://") {
      guard let address = SocketAddress(internet: String(place.dropFirst(6))) else {
        throw ConfigurationError(setting: "--listen", value: text, accepted: Self.accepted)
      }
      self.address = address
    } else if place.hasPrefix("tls://") || SocketAddress(internet: String(place)) != nil {
      throw ConfigurationError(
        "--listen: '\(text.printable)' asks for TLS, which this version does not have yet; give \(Self.accepted)")
    } else {
      throw ConfigurationError(setting: "--listen", value: text, accepted: Self.accepted)
    }
  }

  private static func schemes(_ query: Substring, in text: String) throws(ConfigurationError) -> SchemeSet {
    guard query.hasPrefix("auth=") else {
      throw ConfigurationError(setting: "--listen", value: text, accepted: accepted)
    }
    var schemes: [Scheme] = []
    for name in query.dropFirst(5).split(separator: ",", omittingEmptySubsequences: false) {
      guard let scheme = Scheme.allCases.first(where: { $0.name.description == name }) else {
        throw ConfigurationError(
          "--listen: '\(text.printable)' names no known scheme '\(String(name).printable)'; give open or secret")
      }
      guard scheme != .cert else {
        throw ConfigurationError(
          "--listen: '\(text.printable)' offers cert, which needs TLS; give open or secret")
      }
      schemes.append(scheme)
    }
    return SchemeSet(schemes)
  }

  /// The address with its scheme, as it is logged.
  static func describe(_ address: SocketAddress) -> String {
    if case .unix = address { return "unix:\(address)" }
    return "tcp://\(address)"
  }
}
