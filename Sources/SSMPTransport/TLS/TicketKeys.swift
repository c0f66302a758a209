// The keys of session tickets.

import COpenSSL
import Glibc

/// One key: the name under which tickets refer to it, one part that encrypts and one that authenticates.
struct TicketKey: Equatable {
  static let nameLength = 16
  static let partLength = 32

  var name: [UInt8]
  var cipher: [UInt8]
  var mac: [UInt8]
  /// When it was made, in seconds since 1970.
  var created: Int64

  /// A new key from the system's random source.
  static func random(created: Int64) -> TicketKey {
    TicketKey(
      name: randomBytes(nameLength), cipher: randomBytes(partLength), mac: randomBytes(partLength), created: created)
  }

  private static func randomBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // A server whose keys could be guessed must not run.
    precondition(RAND_bytes(&bytes, Int32(count)) == 1, "no random bytes")
    return bytes
  }
}

/// The keys with which session tickets are encrypted, shared by all loops and kept over reloads, and over a restart where
/// there is a file for them (RFC 5077; RFC 8446, section 4.6.1).
///
/// A key makes tickets for a day, and is then kept as long as such a ticket may be used. So a ticket stays good for the time
/// that was promised, and a key that is stolen opens no older sessions than that.
public final class TicketKeys: @unchecked Sendable {
  /// How long a ticket may be used, in seconds: what TLS 1.3 permits at most, so that whoever is connected for days finds
  /// its ticket good when the server restarts.
  static let lifetime: Int64 = 7 * 86400
  /// How long a key makes tickets.
  static let rotation: Int64 = 86400
  /// How long it takes until keys that could not be written are tried again.
  private static let retryInterval: Int64 = 600
  /// The file that holds nothing but keys in time.
  static let limit = Int(lifetime / rotation) + 2

  private let lock = Lock()
  // Guarded by `lock`; the newest is the first.
  private var keys: [TicketKey]
  private var isUnsaved = false
  private var lastAttempt: Int64 = 0
  private let file: TicketKeyFile?
  private let now: @Sendable () -> Int64
  private let report: @Sendable (TLSError) -> Void

  /// Keys that are kept in a file, or in memory only.
  ///
  /// - Parameters:
  ///   - path: the file; `nil` for none. It is made where it is missing.
  ///   - now: the time in seconds since 1970.
  ///   - report: told when new keys cannot be written, or what is in the file cannot be used.
  /// - Throws: when there is a file that others can read, or one that cannot be read or written.
  public init(
    path: String?, now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) },
    report: @escaping @Sendable (TLSError) -> Void
  ) throws(TLSError) {
    self.now = now
    self.report = report
    file = path.map(TicketKeyFile.init(path:))
    keys = try file?.read(report: report) ?? []
    if rotate(at: now()) || file?.isMissing == true { try file?.write(keys) }
  }

  /// Checks a file of keys without touching it.
  public static func check(path: String) throws(TLSError) {
    _ = try TicketKeyFile(path: path).read { _ in }
  }

  /// The key for new tickets.
  func current() -> TicketKey {
    lock.withLock {
      let time = now()
      if rotate(at: time) { isUnsaved = true }
      if isUnsaved, time - lastAttempt >= Self.retryInterval || time < lastAttempt { save(at: time) }
      return keys[0]
    }
  }

  /// The key with this name, if tickets made with it may still be used.
  func find(_ name: UnsafeBufferPointer<UInt8>) -> TicketKey? {
    lock.withLock {
      let time = now()
      return keys.first { $0.name.elementsEqual(name) && time - $0.created < Self.rotation + Self.lifetime }
    }
  }

  private func save(at time: Int64) {
    lastAttempt = time
    do throws(TLSError) {
      try file?.write(keys)
      isUnsaved = false
    } catch {
      report(error)
    }
  }

  /// Makes a new key when the newest has had its time, and forgets those that are too old. Keys from the future, made
  /// while the clock was wrong, are kept as if they were made now.
  private func rotate(at time: Int64) -> Bool {
    for index in keys.indices where keys[index].created > time { keys[index].created = time }
    let count = keys.count
    keys.removeAll { time - $0.created >= Self.rotation + Self.lifetime }
    if let newest = keys.first, time - newest.created < Self.rotation { return keys.count != count }
    keys.insert(.random(created: time), at: 0)
    keys.removeLast(max(0, keys.count - Self.limit))
    return true
  }
}
