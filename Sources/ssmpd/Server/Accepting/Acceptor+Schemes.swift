// What listeners offer.

import SSMPTransport

extension Acceptor.Listener {
  /// Logs where the listener listens, and which schemes it offers there.
  func announce(_ log: Log) {
    let address = ListenSetting.describe(socket.address, isTLS: isTLS).logged
    let names = schemes.schemes.map(\.name.description).joined(separator: ",")
    log.write(.notice, "listen address=\(address) auth=\(names)\(socket.isInherited ? " from=systemd" : "")")
    if socket.lacksIPv6 {
      log.write(.warning, "listen ipv4-only address=\(address) because=\"this kernel has no IPv6\"")
    }
    if schemes.offers(.open), !socket.address.isLocal {
      log.write(.warning, "listen open address=\(address) because=\"anybody who can connect may log in as anybody\"")
    }
    if schemes.offers(.secret), !isTLS, !socket.address.isLocal {
      log.write(
        .warning, "listen secret address=\(address) because=\"without TLS the secret can be read on the way\"")
    }
  }
}

extension Acceptor {
  /// Offers new connections the schemes of a configuration with the same listeners.
  mutating func offer(_ configuration: Configuration) {
    for index in listeners.indices {
      let schemes = configuration.schemes(of: configuration.listeners[listeners[index].setting])
      guard schemes != listeners[index].schemes else { continue }
      listeners[index].schemes = schemes
      listeners[index].announce(hub.log)
    }
  }
}
