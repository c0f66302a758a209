// Where sockets are to be.

import CommandLineTools
import Glibc
import SSMPTransport

extension Configuration {
  /// Refuses what would be bound twice.
  func refuseSamePlaces() throws(ConfigurationError) {
    for (number, listener) in listeners.enumerated() {
      guard let other = listeners[..<number].first(where: { $0.place == listener.place && $0.isOnePlace }) else {
        continue
      }
      throw ConfigurationError(
        setting: "listen", occurrence: number,
        .init("'\(listener.text.printable)' is where '\(other.text.printable)' is already; give each address once"))
    }
    if let metrics, let listener = listeners.first(where: { $0.place == .address(metrics.address) && $0.isOnePlace }) {
      throw ConfigurationError(
        setting: "metrics",
        .init("'\(metrics.text.printable)' is where '\(listener.text.printable)' is already; give another port"))
    }
    if let admin, let listener = listeners.first(where: { $0.place == .address(.unix(admin)) }) {
      throw ConfigurationError(
        setting: "admin",
        .init("'\(admin.printable)' is where '\(listener.text.printable)' is already; give another path"))
    }
  }

  /// Finds what would keep a start from making its sockets, as far as it can be seen without making them.
  func checkPlaces(_ reading: inout FileReading) throws(ConfigurationError) {
    try refuseOverlaps()
    for (number, listener) in listeners.enumerated() {
      guard case .address(.unix(let path)) = listener.place else { continue }
      try Self.checkPlace(path, "listen", number, listener.text, &reading)
    }
    if let admin { try Self.checkPlace(admin, "admin", 0, admin, &reading) }
  }

  /// Refuses paths for unix sockets at which there are files of another kind, of which the kernel says only that the address
  /// is in use.
  func refuseTakenPaths() throws(ConfigurationError) {
    for (number, listener) in listeners.enumerated() {
      guard case .address(.unix(let path)) = listener.place, Self.isTaken(path) else { continue }
      throw ConfigurationError(
        setting: "listen", occurrence: number, "'\(listener.text.printable)' cannot be used: \(Self.taken)")
    }
    if let admin, Self.isTaken(admin) {
      throw ConfigurationError(setting: "admin", "'\(admin.printable)' cannot be used: \(Self.taken)")
    }
  }

  private static let taken = "something else than a socket is there; take it away"

  private static func isTaken(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFSOCK
  }

  private static func checkPlace(
    _ path: String, _ setting: String, _ number: Int, _ text: String, _ reading: inout FileReading
  ) throws(ConfigurationError) {
    func fault(_ what: String) -> ConfigurationError {
      ConfigurationError(setting: setting, occurrence: number, .init("'\(text.printable)' cannot be used: \(what)"))
    }
    let end = path.lastIndex(of: "/")
    let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    var status = stat()
    guard stat(folder, &status) == 0 else {
      let code = errno
      // What is below comes and goes with units, and is made by them (RuntimeDirectory=).
      if code == ENOENT, path.hasPrefix("/run/") || path.hasPrefix("/var/run/") {
        reading.note(
          "\(fault("there is no folder '\(folder.printable)' now")), but with RuntimeDirectory= the unit makes it")
        return
      }
      throw fault(
        code == ENOENT
          ? "there is no folder '\(folder.printable)'; make it"
          : "'\(folder.printable)': \(String(cString: strerror(code)))")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw fault("'\(folder.printable)' is no folder") }
    guard faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 else {
      throw fault("'\(folder.printable)': \(String(cString: strerror(errno)))")
    }
    if Self.isTaken(path) { throw fault(taken) }
  }
}

extension ListenSetting {
  /// True when it can be there only once: of port 0 each gets another one.
  fileprivate var isOnePlace: Bool {
    switch place {
    case .address(.ipv4(_, let port)), .address(.ipv6(_, let port, _)): port != 0
    case .address(.unix), .systemd: true
    }
  }
}
