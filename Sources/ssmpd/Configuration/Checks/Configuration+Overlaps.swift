// Addresses of which one takes in another.

import CommandLineTools
import Glibc
import SSMPTransport

extension Configuration {
  /// Refuses addresses that the kernel does not bind side by side, and one unix socket by two paths.
  ///
  /// For `--check` alone: systemd can hand over sockets that were bound in such a way (`BindIPv6Only=`).
  func refuseOverlaps() throws(ConfigurationError) {
    let places = listeners.map { listener -> BoundPlace? in
      guard case .address(let address) = listener.place else { return nil }
      return BoundPlace(address)
    }
    func other(than place: BoundPlace, before end: Int) -> ListenSetting? {
      zip(listeners, places).prefix(end).first { $0.1?.overlaps(place) == true }?.0
    }
    for (number, place) in places.enumerated() {
      guard let place, let other = other(than: place, before: number) else { continue }
      throw ConfigurationError(
        setting: "listen", occurrence: number,
        .init(
          "'\(listeners[number].text.printable)' is where '\(other.text.printable)' is already; give each address once")
      )
    }
    if let metrics, let other = other(than: BoundPlace(metrics.address), before: listeners.count) {
      throw ConfigurationError(
        setting: "metrics",
        .init("'\(metrics.text.printable)' is where '\(other.text.printable)' is already; give another port"))
    }
    if let admin, let other = other(than: BoundPlace(.unix(admin)), before: listeners.count) {
      throw ConfigurationError(
        setting: "admin",
        .init("'\(admin.printable)' is where '\(other.text.printable)' is already; give another path"))
    }
  }
}

/// What a socket takes up when it is bound.
private enum BoundPlace {
  /// A port of one address, or of all of one kind or both.
  case port(UInt16, Hosts)
  /// A name in a folder, and the folder as the kernel knows it, or as it is written where there is none.
  case file(folder: String, name: Substring)

  enum Hosts: Equatable {
    case everything
    case everyIPv4
    case ipv4(UInt32)
    case ipv6(SocketAddress.IPv6Address, scope: UInt32)
  }

  init(_ address: SocketAddress) {
    switch address {
    case .ipv4(let host, let port): self = .port(port, host == 0 ? .everyIPv4 : .ipv4(host))
    case .ipv6(let host, let port, let scope):
      if let mapped = host.mappedIPv4 {
        self = .port(port, mapped == 0 ? .everyIPv4 : .ipv4(mapped))
      } else {
        self = .port(port, host.isUnspecified ? .everything : .ipv6(host, scope: scope))
      }
    case .unix(let path):
      let end = path.lastIndex(of: "/")
      let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
      let name = end.map { path[path.index(after: $0)...] } ?? path[...]
      var status = stat()
      let parts = folder.split(separator: "/").filter { $0 != "." }
      self = .file(
        // By its number: a folder has several paths where there are symbolic links or bind mounts.
        folder: stat(folder, &status) == 0
          ? "\(status.st_dev):\(status.st_ino)" : (folder.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/"),
        name: name)
    }
  }

  func overlaps(_ other: BoundPlace) -> Bool {
    switch (self, other) {
    // Of port 0 each gets another one.
    case (.port(let port, let hosts), .port(let other, let others)):
      port == other && port != 0 && Self.overlap(hosts, others)
    case (.file(let folder, let name), .file(let other, let others)): folder == other && name == others
    default: false
    }
  }

  private static func overlap(_ one: Hosts, _ other: Hosts) -> Bool {
    switch (one, other) {
    case (.everything, _), (_, .everything), (.everyIPv4, .ipv4), (.ipv4, .everyIPv4): true
    default: one == other
    }
  }
}
