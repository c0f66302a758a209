// One `--listen`.

import CommandLineTools
import SSMPCore
import SSMPTransport

/// Where to listen, and which schemes to offer there.
struct ListenSetting: Equatable, Sendable {
  /// Where the socket comes from.
  enum Place: Equatable, Sendable {
    /// It is bound here, unless systemd hands one over that is.
    case address(SocketAddress)
    /// systemd hands it over under this name; a unix socket where it is local.
    case systemd(name: String, isLocal: Bool)
  }

  let place: Place
  /// True when it speaks TLS.
  let isTLS: Bool
  /// The schemes named by `?auth=`; `nil` means all that are enabled.
  let schemes: SchemeSet?
  /// The setting as it was written, for messages.
  let text: String

  static let accepted =
    "tls://ADDRESS:PORT or tcp://ADDRESS:PORT with a number for the address, * for all, or IPv6 in brackets, or unix:PATH, "
    + "or systemd+tls:NAME; with ?auth=SCHEME,... if wanted (tls://*:8787, tcp://127.0.0.1:8788, tls://[::1]:8787)"
  private static let acceptedNames =
    "systemd+tls:NAME, systemd+tcp:NAME or systemd+unix:NAME, as FileDescriptorName= says"

  /// Where the server listens when nothing else is said: everywhere, with TLS.
  static let standard = ListenSetting(
    place: .address(.everywhere(port: 8787)), isTLS: true, schemes: nil, text: "tls://*:8787")

  private init(place: Place, isTLS: Bool, schemes: SchemeSet?, text: String) {
    self.place = place
    self.isTLS = isTLS
    self.schemes = schemes
    self.text = text
  }

  init(_ text: String) throws(ConfigurationError) {
    self.text = text
    var place = Substring(text)
    var query: Substring?
    if let question = place.lastIndex(of: "?") {
      query = place[place.index(after: question)...]
      place = place[..<question]
    }
    let plain = ["unix:", "tcp://", "systemd+unix:", "systemd+tcp:"]
    let isTLS = !plain.contains { place.hasPrefix($0) }
    self.isTLS = isTLS
    if let query { schemes = try Self.schemes(query, isTLS: isTLS, in: text) } else { schemes = nil }
    self.place =
      place.hasPrefix("systemd+") ? try Self.named(place, in: text) : .address(try Self.address(place, in: text))
  }

  private static func named(_ place: Substring, in text: String) throws(ConfigurationError) -> Place {
    for kind in ["tls", "tcp", "unix"] where place.hasPrefix("systemd+\(kind):") {
      let name = place.dropFirst("systemd+\(kind):".count)
      // What systemd takes for a name (sd_listen_fds_with_names).
      guard !name.isEmpty, name.utf8.count <= 255, name.utf8.allSatisfy({ $0 >= 32 && $0 < 127 && $0 != 58 }) else {
        break
      }
      return .systemd(name: String(name), isLocal: kind == "unix")
    }
    throw ConfigurationError(setting: "listen", value: text, accepted: ConfigurationError.Wording(acceptedNames))
  }

  private static func address(_ place: Substring, in text: String) throws(ConfigurationError) -> SocketAddress {
    if place.hasPrefix("unix:") {
      let path = String(place.dropFirst(5))
      guard !path.isEmpty, path.utf8.count <= SocketAddress.longestPath else {
        throw ConfigurationError(
          setting: "listen", value: text, accepted: "unix:PATH with a path of 1 to \(SocketAddress.longestPath) bytes"
        )
      }
      return .unix(path)
    }
    // Without a scheme it is TLS.
    let hasScheme = place.hasPrefix("tcp://") || place.hasPrefix("tls://")
    let rest = hasScheme ? place.dropFirst(6) : place
    guard let address = SocketAddress(internet: String(rest)), !address.needsInterface else {
      let (isPath, isOtherScheme) = (rest.hasPrefix("/"), rest.contains("://"))
      if isPath {
        throw ConfigurationError(
          setting: "listen", value: text, problem: "a path is no address", accepted: "unix:\(rest)")
      }
      throw ConfigurationError(
        setting: "listen", address: isOtherScheme ? "" : rest, scheme: hasScheme ? String(place.prefix(6)) : "",
        in: text, accepted: accepted)
    }
    return address
  }

  private static func schemes(
    _ query: Substring, isTLS: Bool, in text: String
  ) throws(ConfigurationError) -> SchemeSet {
    guard query.hasPrefix("auth=") else {
      throw ConfigurationError(setting: "listen", value: text, accepted: ConfigurationError.Wording(accepted))
    }
    let possible = isTLS ? "cert, secret or open" : "secret or open"
    var schemes: [Scheme] = []
    for name in query.dropFirst(5).split(separator: ",", omittingEmptySubsequences: false) {
      guard let scheme = Scheme.allCases.first(where: { $0.name.description == name }) else {
        throw ConfigurationError(
          setting: "listen",
          "'\(text.printable)' names no known scheme '\(String(name).printable)'; give \(possible)")
      }
      guard isTLS || scheme != .cert else {
        throw ConfigurationError(
          setting: "listen", "'\(text.printable)' offers cert, which needs TLS; give \(possible)")
      }
      schemes.append(scheme)
    }
    return SchemeSet(schemes)
  }

  /// The address with its scheme, as it is logged.
  static func describe(_ address: SocketAddress, isTLS: Bool) -> String {
    if case .unix = address { return "unix:\(address)" }
    return "\(isTLS ? "tls" : "tcp")://\(address)"
  }
}
