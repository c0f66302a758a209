// What is wrong with an address that is not accepted.

import SSMPTransport

/// The first fault of an `ADDRESS:PORT` that cannot be read, and what to give instead.
struct AddressHint: Equatable {
  /// What is wrong, as the middle of a sentence.
  let problem: String
  /// What would be accepted.
  let accepted: String

  /// - Parameters:
  ///   - text: the address and the port, without a scheme.
  ///   - scheme: what stands in front of them, or is to: `tcp://`.
  /// - Returns: `nil` when nothing better can be said than what the form of an address is.
  init?(_ text: Substring, scheme: String) {
    guard !text.isEmpty, let (host, port) = Self.parts(text) else { return nil }
    guard let port, !port.isEmpty else {
      let shown = host.isEmpty ? "127.0.0.1" : Self.bracketed(String(host))
      guard SocketAddress(internet: "\(shown):0") != nil else { return nil }
      self.init("it has no port", "\(scheme)\(shown):8787")
      return
    }
    guard port.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let number = UInt64(port.prefix(19)) else {
      self.init("'\(port)' is no port", "a number from 0 to 65535")
      return
    }
    guard number <= UInt16.max else {
      self.init("port \(port) does not exist", "a number from 0 to 65535")
      return
    }
    guard let fault = Self.fault(of: host) else { return nil }
    self.init(fault.problem, fault.hosts.map { "\(scheme)\($0):\(port)" }.joined(separator: " or "))
  }

  private init(_ problem: String, _ accepted: String) {
    self.problem = problem
    self.accepted = accepted
  }

  /// The address and the port; the latter is `nil` where none begins. An IPv6 address without brackets has both in one.
  private static func parts(_ text: Substring) -> (host: Substring, port: Substring?)? {
    if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      return (text[...end], rest.isEmpty ? nil : rest.dropFirst())
    }
    guard let colon = text.lastIndex(of: ":") else { return (text, nil) }
    let (host, port) = (text[..<colon], text[text.index(after: colon)...])
    // `::1:9000` is an address as a whole, too, but a port was hardly forgotten where one can be read.
    let endsInPort = port.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } && SocketAddress(internet: "[\(host)]:0") != nil
    if !endsInPort, SocketAddress(internet: "[\(text)]:0") != nil { return (text, nil) }
    return (host, port)
  }

  private static func fault(of host: Substring) -> (problem: String, hosts: [String])? {
    if host.isEmpty { return ("it has no address", ["*", "127.0.0.1"]) }
    if host.hasPrefix("["), host.hasSuffix("]") { return fault(ofIPv6: host.dropFirst().dropLast()) }
    if let address = SocketAddress(internet: "[\(host)]:0") {
      return ("an IPv6 address needs brackets", [address.needsInterface ? "[\(host)%INTERFACE]" : "[\(host)]"])
    }
    if SocketAddress(internet: "\(host):0") != nil { return nil }
    let isName = host.utf8.allSatisfy { byte in
      byte == 45 || byte == 46 || byte == 95 || (48...57).contains(byte) || (65...90).contains(byte)
        || (97...122).contains(byte)
    }
    let hasLetter = host.utf8.contains { ($0 | 32) >= 97 && ($0 | 32) <= 122 }
    guard isName, hasLetter else { return nil }
    if host.lowercased() == "localhost" { return ("host names are not looked up", ["127.0.0.1", "[::1]"]) }
    return ("host names are not looked up", ["ADDRESS"])
  }

  /// A link-local address means nothing without its interface.
  private static func fault(ofIPv6 address: Substring) -> (problem: String, hosts: [String])? {
    let parts = address.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let plain = SocketAddress(internet: "[\(parts[0])]:0") else {
      return SocketAddress(internet: "\(address):0") != nil ? ("brackets are for IPv6", ["\(address)"]) : nil
    }
    guard parts.count == 2 else {
      guard plain.needsInterface else { return nil }
      return ("a link-local address needs the network interface", ["[\(address)%INTERFACE]"])
    }
    guard plain.needsInterface else {
      return ("only a link-local address (fe80::/10) has an interface", ["[\(parts[0])]"])
    }
    return ("there is no network interface '\(parts[1])'", ["[\(parts[0])%INTERFACE]"])
  }

  private static func bracketed(_ host: String) -> String {
    host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
  }
}

extension ConfigurationError {
  /// An address is not accepted: with what is wrong with it where that is known.
  init(setting: String, address: Substring, scheme: String, in text: String, accepted: String) {
    guard let hint = AddressHint(address, scheme: scheme) else {
      self.init(setting: setting, value: text, accepted: Wording(accepted))
      return
    }
    self.init(setting: setting, value: text, problem: hint.problem, accepted: hint.accepted)
  }
}
