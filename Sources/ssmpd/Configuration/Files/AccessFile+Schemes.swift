// Access rules beside the schemes that listeners offer.

import CommandLineTools
import SSMPCore

extension AccessFile {
  /// Notes rules that let nobody in, because no listener offers their schemes.
  ///
  /// - Throws: when that is so of all of them.
  static func compare(
    _ rules: [AccessRule], of path: String, with configuration: Configuration, _ reading: inout FileReading
  ) throws(ConfigurationError) {
    let offered = configuration.listeners.reduce(into: SchemeSet([])) { $0.formUnion(configuration.schemes(of: $1)) }
    let logins = rules.compactMap { rule -> Login? in
      guard case .login(let schemes) = rule.permission else { return nil }
      return Login(identity: rule.identity, schemes: schemes)
    }
    let futile = logins.filter { $0.possible(of: offered).isEmpty }
    let names = offered.schemes.map(\.name.description).joined(separator: ", ")
    guard futile.count < logins.count else {
      throw SettingFile.fault(
        "access", path, "lets nobody log in: the listeners offer \(names), and \(logins[0]) is for something else")
    }
    // Several lines can be of one kind, as for many names.
    for login in futile.prefix(ConfigurationFaults.limit) {
      reading.note("--access: '\(path.printable)': \(login) lets nobody in: the listeners offer \(names)")
    }
  }

  /// What one line says of logging in.
  private struct Login: CustomStringConvertible {
    let identity: AccessPattern
    let schemes: SchemeSet

    /// The schemes of those by which its identity can be proven. A certificate names nobody `.`.
    func possible(of offered: SchemeSet) -> SchemeSet {
      let common = schemes.intersection(offered)
      return identity == .name([UInt8(ascii: ".")]) ? common.subtracting(SchemeSet([.cert])) : common
    }

    /// The line as it may have been written.
    var description: String {
      let names = schemes == SchemeSet(Scheme.allCases) ? [] : schemes.schemes.map(\.name.description)
      return "'\((["allow", text, "login"] + names).joined(separator: " "))'"
    }

    private var text: String {
      switch identity {
      case .any: "*"
      case .name(let bytes): String(decoding: bytes, as: UTF8.self).printable
      case .own: AccessPattern.placeholder
      }
    }
  }
}
