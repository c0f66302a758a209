// Directories that users make and remove.

import Glibc
import SSMPTransport

/// Tells of names that appear and disappear in directories (inotify).
struct DirectoryChanges: Sendable {
  /// What has happened.
  enum Change: Equatable, Sendable {
    /// There is something, or nothing any more, of this name in the directory with this number.
    case name(Int32, String)
    /// Too much happened at the same time: anything may have changed.
    case many
  }

  private let input: InputThread
  private let descriptor: Int32

  /// Watches nothing yet.
  init() throws(SystemError) {
    descriptor = inotify_init1(Int32(IN_CLOEXEC))
    guard descriptor != -1 else { throw SystemError("inotify_init1") }
    input = InputThread(descriptor)
  }

  /// Watches a directory, and returns its number.
  func add(_ path: String) throws(SystemError) -> Int32 {
    let mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | Int32(IN_ONLYDIR)
    let number = unsafe inotify_add_watch(descriptor, path, UInt32(mask))
    guard number != -1 else { throw SystemError("inotify_add_watch") }
    return number
  }

  /// The next changes; `nil` when the task is cancelled.
  func next() async -> [Change]? { await input.next().map { Self.changes(in: $0) } }

  /// Takes apart what the system has written: the number, a mask, a cookie, the length of the name
  /// (four bytes each), and the name, which zeros fill up.
  static func changes(in bytes: [UInt8]) -> [Change] {
    let header = 16
    func word(_ place: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * ($1)) }
    }
    var changes: [Change] = []
    var place = 0
    while bytes.count - place >= header {
      let (number, mask, length) = (word(place), word(place + 4), Int(word(place + 12)))
      guard bytes.count - place - header >= length else { break }
      if mask & UInt32(IN_Q_OVERFLOW) != 0 {
        changes.append(.many)
      } else if length > 0 {
        let name = bytes[(place + header)..<(place + header + length)].prefix { $0 != 0 }
        changes.append(.name(Int32(bitPattern: number), String(decoding: name, as: UTF8.self)))
      }
      place += header + length
    }
    return changes
  }
}
