// The shortcuts with OpenSSL that tests are run with.

import Foundation

@testable import SSMPTransport

extension TLSShortcuts {
  /// Those that this run of the tests takes, as the variable says that switches them off in ssmpd, too.
  static let underTest: TLSShortcuts = {
    let text = ProcessInfo.processInfo.environment["SSMPD_TLS_PLAIN"] ?? ""
    let words = text.split(separator: ",").map(String.init)
    if words == ["none"] { return all }
    let plain = words == ["all"] ? all : TLSShortcuts(named.filter { words.contains($0.name) }.map(\.shortcut))
    return without(plain).intersection(tried)
  }()

  /// All, all but one (and what needs it), and none, as far as they have been tried with this OpenSSL.
  static let combinations = ([all] + named.map { without($0.shortcut) } + [[]]).filter {
    tried.union(underTest).isSuperset(of: $0)
  }
}

extension TLSLibrary {
  /// What servers' contexts are made in.
  static let underTest = TLSLibrary.forLoop(.underTest)
}
