// Sockets that systemd has bound and hands over.

import CommandLineTools
import SSMPTransport

/// The sockets that were handed over and that no listener has taken yet.
struct InheritedSockets {
  private struct Entry {
    let socket: ListeningSocket
    let name: String
  }

  private var entries: [Entry] = []

  /// - Throws: when one of them is no socket that accepts connections.
  init(_ handovers: [SystemdEnvironment.Handover]) throws(ConfigurationError) {
    for handover in handovers {
      guard let socket = ListeningSocket(inherited: handover.descriptor) else {
        throw ConfigurationError(
          .init(
            "LISTEN_FDS: descriptor \(handover.descriptor), '\(handover.name.printable)', is no socket that accepts "
              + "connections; give ListenStream= sockets with Accept=no"))
      }
      entries.append(Entry(socket: socket, name: handover.name))
    }
  }

  /// The socket on this address, if there is one: a `--listen` need not say where its socket comes from.
  ///
  /// - Parameter hasIPv6: false on a kernel without IPv6, where systemd, too, binds all addresses of IPv4 instead.
  mutating func take(_ address: SocketAddress, hasIPv6: @autoclosure () -> Bool = SocketAddress.hasIPv6)
    -> ListeningSocket?
  {
    var place = entries.firstIndex { $0.socket.address == address }
    if place == nil, let other = address.withoutIPv6 {
      place = entries.firstIndex { $0.socket.address == other }
      if place != nil, hasIPv6() { place = nil }
    }
    return place.map { entries.remove(at: $0).socket }
  }

  /// The sockets with the name that `setting` asks for, one at least.
  mutating func take(
    named name: String, isLocal: Bool, for setting: ListenSetting, _ number: Int
  ) throws(ConfigurationError) -> [ListeningSocket] {
    let found = entries.filter { $0.name == name }.map(\.socket)
    entries.removeAll { $0.name == name }
    guard !found.isEmpty else {
      throw ConfigurationError(
        setting: "listen", occurrence: number,
        .init(
          "'\(setting.text.printable)' waits for a socket that systemd has not handed over; start the socket unit "
            + "with FileDescriptorName=\(name.printable), or give an address"))
    }
    for socket in found where socket.address.isUnix != isLocal {
      throw ConfigurationError(
        setting: "listen", occurrence: number,
        .init(
          "'\(setting.text.printable)' is given the socket \(socket.address); give "
            + (isLocal ? "systemd+tls:NAME or systemd+tcp:NAME" : "systemd+unix:NAME")))
    }
    return found
  }

  /// Fails if a socket is left that no listener uses: a client that connects to it would wait for
  /// ever.
  func expectNone() throws(ConfigurationError) {
    guard let entry = entries.first else { return }
    let place = entry.socket.address
    let ways =
      place.isUnix
      ? ["unix:\(place)", "systemd+unix:\(entry.name)"] : ["tls://\(place)", "systemd+tls:\(entry.name)"]
    throw ConfigurationError(
      .init(
        "LISTEN_FDNAMES: systemd hands over '\(entry.name.printable)' on \(place), which no --listen uses; give "
          + "--listen \(ways[0]) or \(ways[1].printable)"))
  }
}

extension SocketAddress {
  fileprivate var isUnix: Bool {
    if case .unix = self { return true }
    return false
  }
}
