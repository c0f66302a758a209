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
    unsafe precondition(RAND_bytes(&bytes, Int32(count)) == 1, "no random bytes")
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
  private var isSaving = false
  private var lastAttempt: Int64 = 0
  private let file: TicketKeyFile?
  private let now: @Sendable () -> Int64
  private let report: @Sendable (TLSError) -> Void

  /// Keys that are kept in a file, or in memory only.
  ///
  /// - Parameters:
  ///   - path: the file; `nil` for none. It is made where it is missing.
  ///   - now: the time in seconds since 1970.
  ///   - report: told when new keys cannot be written, or what is in the file cannot be used; in the first case by a thread
  ///     of its own.
  /// - Throws: when there is a file that others can read, or one that cannot be read, or the folder for it is missing or
  ///   closed. A disk that is full or read-only keeps nobody from starting: the keys are in memory then, and writing them
  ///   is tried again.
  public init(
    path: String?, now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) },
    report: @escaping @Sendable (TLSError) -> Void
  ) throws(TLSError) {
    self.now = now
    self.report = report
    file = path.map(TicketKeyFile.init(path:))
    keys = try file?.read(report: report) ?? []
    let hadKeys = !keys.isEmpty
    guard rotate(at: now()) || file?.isMissing == true, let file else { return }
    do throws(TicketKeyFile.WriteFailure) {
      try file.write(keys)
    } catch {
      guard hadKeys || !error.isOfFolder else { throw error.reason }
      isUnsaved = true
      lastAttempt = now()
      report(error.reason)
    }
  }

  /// Checks a file of keys without touching it. Returns why new keys could not be written, if that can be seen: a start only
  /// warns of it.
  public static func check(path: String) throws(TLSError) -> TLSError? {
    let file = TicketKeyFile(path: path)
    let keys = try file.read { _ in }
    guard let obstacle = file.obstacle else { return nil }
    guard !keys.isEmpty || !obstacle.isOfFolder else { throw obstacle.reason }
    return obstacle.reason
  }

  /// The key for new tickets. Handshakes ask for it, so nothing is written here, nor under the lock: a disk that hangs is not
  /// to stop anybody.
  func current() -> TicketKey {
    let (key, mustSave) = lock.withLock {
      let time = now()
      if rotate(at: time) { isUnsaved = true }
      let isDue = time - lastAttempt >= Self.retryInterval || time < lastAttempt
      guard file != nil, isUnsaved, isDue, !isSaving else { return (keys[0], false) }
      lastAttempt = time
      isSaving = true
      return (keys[0], true)
    }
    if mustSave { startSaving() }
    return key
  }

  /// The key with this name, if tickets made with it may still be used.
  func find(_ name: UnsafeBufferPointer<UInt8>) -> TicketKey? {
    lock.withLock {
      let time = now()
      return keys.first { unsafe $0.name.elementsEqual(name) && time - $0.created < Self.rotation + Self.lifetime }
    }
  }

  /// True when what is to be written has been, or could not be.
  var isSettled: Bool { lock.withLock { !isSaving } }

  /// Writes the keys, on a thread that exists for that alone: once a day, and every ten minutes while it fails.
  private func startSaving() {
    do throws(SystemError) {
      try Thread(named: "ssmpd/tickets") { self.save() }.detach()
    } catch {
      lock.withLock { isSaving = false }
      report(TLSError("cannot be written: \(error)"))
    }
  }

  private func save() {
    let keys = lock.withLock { self.keys }
    do throws(TicketKeyFile.WriteFailure) {
      try file?.write(keys)
      lock.withLock {
        isUnsaved = self.keys != keys
        isSaving = false
      }
    } catch {
      lock.withLock { isSaving = false }
      report(error.reason)
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
