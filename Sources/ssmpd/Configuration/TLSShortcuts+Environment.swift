// Which shortcuts the environment switches off.

import Glibc
import SSMPTransport

extension TLSShortcuts {
  /// The variable that names shortcuts to be switched off, separated by commas. `all` switches all of them off,
  /// `none` none, also with an OpenSSL that they have not been tried with (docs/tls.md).
  static let variable = "SSMPD_TLS_PLAIN"

  /// The shortcuts of this process, as its environment says.
  static func fromEnvironment() throws(ConfigurationError) -> TLSShortcuts {
    try unlessNamed(in: getenv(variable).map { String(cString: $0) } ?? "")
  }

  /// The shortcuts that have been tried, but for those that `text` names.
  static func unlessNamed(
    in text: String, tried: TLSShortcuts = .tried
  ) throws(ConfigurationError) -> TLSShortcuts {
    if text == "none" { return .all }
    var plain: TLSShortcuts = []
    for word in text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
      if word == "all" {
        plain.formUnion(.all)
      } else if let known = named.first(where: { $0.name == word }) {
        plain.insert(known.shortcut)
      } else {
        let names = named.map(\.name).joined(separator: ", ")
        throw ConfigurationError(
          "\(variable): '\(String(word).clipped.printable)' is not accepted; give all, none, or some of \(names)")
      }
    }
    return without(plain).intersection(tried)
  }
}
