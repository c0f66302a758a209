// As whom `--check` reads.

import CommandLineTools
import Glibc

/// The user as whom `--check` reads files. root may read everything, which says nothing of what the server's user may: so
/// root takes that user on, if it is known who that is, and says that it cannot know otherwise.
struct CheckReader {
  /// The user of the package's units.
  private static let usual = "ssmpd"

  /// Whom root has taken on; `nil` when it is still who it was.
  private let user: String?
  /// True when root reads, and nobody has said that root is who the server runs as.
  private let isGuess: Bool

  /// Takes a user on, for good.
  ///
  /// - Parameter name: the user that `--user` names.
  init(named name: String?) throws(ConfigurationError) {
    guard geteuid() == 0 else {
      if let name, Self.find(name)?.id != geteuid() {
        throw ConfigurationError(setting: "user", .init("only root can read as '\(name.printable)'; leave it out"))
      }
      (user, isGuess) = (nil, false)
      return
    }
    guard let found = Self.find(name ?? Self.usual) else {
      if let name { throw ConfigurationError(setting: "user", .init("there is no user '\(name.printable)'")) }
      (user, isGuess) = (nil, true)
      return
    }
    guard found.id != 0 else {
      (user, isGuess) = (nil, false)
      return
    }
    let wanted = name ?? Self.usual
    guard initgroups(wanted, found.group) == 0, setgid(found.group) == 0, setuid(found.id) == 0 else {
      throw ConfigurationError(
        setting: "user", .init("cannot read as '\(wanted.printable)': \(String(cString: strerror(errno)))"))
    }
    (user, isGuess) = (wanted, false)
  }

  private static func find(_ name: String) -> (id: uid_t, group: gid_t)? {
    guard let entry = getpwnam(name) else { return nil }
    return (entry.pointee.pw_uid, entry.pointee.pw_gid)
  }

  /// Runs `body`, and says of a fault as whom it was found.
  func explaining<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as ConfigurationError {
      throw user.map { error.adding("; read as the user \($0) (\(setting: "user") NAME for another one)") } ?? error
    }
  }

  /// The files that root can read, and somebody else perhaps not.
  func warnings(of configuration: Configuration) -> [String] {
    guard isGuess else { return [] }
    let files = [
      configuration.configFile, configuration.secretFile?.path, configuration.accessFile, configuration.certificateFile,
      configuration.keyFile, configuration.authoritiesFile, configuration.revocationsFile,
    ].compactMap { $0 }.filter { !Self.isOpen($0) }
    guard let first = files.first else { return [] }
    let more = files.count > 1 ? " and \(files.count - 1) more" : ""
    return [
      "read as root, who may read what the server's user may not: '\(first.printable)'\(more); "
        + "give --user NAME with that user"
    ]
  }

  /// True when everybody can read a file, as far as its mode and those of the folders above it say.
  private static func isOpen(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & 0o004 != 0 else { return false }
    var rest = Substring(path)
    while let end = rest.lastIndex(of: "/"), end != rest.startIndex {
      rest = rest[..<end]
      guard stat(String(rest), &status) == 0, status.st_mode & 0o001 != 0 else { return false }
    }
    return true
  }
}

extension Configuration {
  /// `--user` is no way to run as somebody else.
  func refuseCheckUser() throws(ConfigurationError) {
    guard checkUser != nil else { return }
    throw ConfigurationError(setting: "user", "is for --check only; run the server as the user that it is to be")
  }
}
