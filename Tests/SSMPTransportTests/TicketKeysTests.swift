// The keys of session tickets.

import Foundation
import Testing

@testable import SSMPTransport

@Suite("Ticket keys")
struct TicketKeysTests {
  /// A clock that tests set.
  private final class Clock: @unchecked Sendable {
    var now: Int64 = 1_800_000_000
  }

  /// What was reported.
  private final class Reports: @unchecked Sendable {
    private let lock = NSLock()
    private var reported: [String] = []
    var lines: [String] { lock.withLock { reported } }
    func add(_ line: String) { lock.withLock { reported.append(line) } }
  }

  /// Waits until a thread of the keys' has written them, or tried to.
  private func settle(_ keys: TicketKeys) throws {
    let deadline = Date() + 30
    while !keys.isSettled {
      try #require(Date() < deadline, "the keys are not written")
      usleep(1000)
    }
  }

  private static let day: Int64 = 86400

  private static func times(_ count: Int, _ digit: String) -> String { String(repeating: digit, count: count) }

  private func find(_ keys: TicketKeys, _ key: TicketKey) -> TicketKey? {
    key.name.withUnsafeBufferPointer { keys.find($0) }
  }

  private func withPath(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appendingPathComponent("keys").path)
  }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test("A key makes tickets for a day, and opens them as long as they may be used")
  func rotation() throws {
    let clock = Clock()
    let keys = try TicketKeys(path: nil, now: { clock.now }, report: { _ in })
    let first = keys.current()
    clock.now += Self.day - 1
    #expect(keys.current() == first)
    clock.now += 1
    let second = keys.current()
    #expect(second != first)
    #expect(second.name != first.name && second.cipher != first.cipher && second.mac != first.mac)
    #expect(find(keys, first) == first)
    // The last ticket of the first key may be used for seven days.
    clock.now += 7 * Self.day - 1
    #expect(find(keys, first) == first)
    clock.now += 1
    #expect(find(keys, first) == nil)
    #expect(find(keys, second) == second)
  }

  @Test("However long it runs, only the keys that may still be used are kept")
  func bounded() throws {
    try withPath { path in
      let clock = Clock()
      let keys = try TicketKeys(path: path, now: { clock.now }, report: { _ in })
      for _ in 0..<40 {
        _ = keys.current()
        try settle(keys)
        clock.now += Self.day
      }
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 1 + 8)
    }
  }

  @Test("Keys outlive a restart in a file that only its owner can read")
  func restart() throws {
    try withPath { path in
      let clock = Clock()
      let first = try TicketKeys(path: path, now: { clock.now }, report: { _ in }).current()
      #expect(try mode(path) == 0o600)
      clock.now += Self.day
      let later = try TicketKeys(path: path, now: { clock.now }, report: { _ in })
      #expect(later.current() != first)
      #expect(find(later, first) == first)
      let again = try TicketKeys(path: path, now: { clock.now }, report: { _ in })
      #expect(again.current() == later.current())
      #expect(try mode(path) == 0o600)
    }
  }

  @Test("After a time with a wrong clock keys go on as if they were new")
  func wrongClock() throws {
    try withPath { path in
      let clock = Clock()
      let first = try TicketKeys(path: path, now: { clock.now }, report: { _ in }).current()
      clock.now = 1000
      let early = try TicketKeys(path: path, now: { clock.now }, report: { _ in })
      #expect(early.current().name == first.name)
      clock.now = 1_900_000_000
      #expect(early.current().name != first.name)
    }
  }

  @Test("A file that others can read is refused", arguments: [0o640, 0o604, 0o660])
  func openFile(mode: Int) throws {
    try withPath { path in
      _ = try TicketKeys(path: path, report: { _ in })
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      let error = try #require(throws: TLSError.self) { try TicketKeys(path: path, report: { _ in }) }
      #expect(error.description.hasPrefix("can be read by others (mode "))
    }
  }

  @Test(
    "A damaged file is reported and begun anew",
    arguments: [
      "", "something else\n", "ssmpd ticket keys 1\n12 ab cd\n", "ssmpd ticket keys 1\n1 2 3 4 5\n", "\0\u{1}\n",
      "ssmpd ticket keys 1\n-9223372036854775808 \(times(32, "a")) \(times(64, "b")) \(times(64, "c"))\n",
    ])
  func damagedFile(content: String) throws {
    try withPath { path in
      #expect(FileManager.default.createFile(atPath: path, contents: Data(content.utf8)))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      let reports = Reports()
      let key = try TicketKeys(path: path, report: { reports.add("\($0)") }).current()
      #expect(reports.lines == ["is damaged, and begun anew"])
      #expect(try TicketKeys(path: path, report: { _ in }).current() == key)
    }
  }

  @Test("A file that cannot be made, or is none, is an error")
  func impossibleFile() throws {
    #expect(throws: TLSError.self) { try TicketKeys(path: "/nonexistent/keys", report: { _ in }) }
    #expect(throws: TLSError.self) { try TicketKeys(path: "/dev/null", report: { _ in }) }
    try withPath { path in
      let target = path + ".target"
      _ = try TicketKeys(path: target, report: { _ in })
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
      #expect(throws: TLSError.self) { try TicketKeys(path: path, report: { _ in }) }
    }
  }

  @Test("When new keys cannot be written, that is reported, and they are used all the same")
  func unwritable() throws {
    try withPath { path in
      let clock = Clock()
      let reports = Reports()
      let keys = try TicketKeys(path: path, now: { clock.now }, report: { reports.add("\($0)") })
      let first = keys.current()
      // Where the new file would be, there is a folder with something in it.
      try FileManager.default.createDirectory(atPath: path + ".new/x", withIntermediateDirectories: true)
      clock.now += Self.day
      #expect(keys.current() != first)
      try settle(keys)
      #expect(reports.lines == ["cannot be written: File exists"])
      // It is tried again when some time has passed.
      try FileManager.default.removeItem(atPath: path + ".new")
      let second = keys.current()
      try settle(keys)
      #expect(try TicketKeys(path: path, now: { clock.now - 1 }, report: { _ in }).current() == first)
      clock.now += 600
      #expect(keys.current() == second)
      try settle(keys)
      #expect(try TicketKeys(path: path, now: { clock.now }, report: { _ in }).current() == second)
    }
  }

  @Test("Who asks for a key does not wait for the disk, nor for somebody who does")
  func hangingDisk() throws {
    try withPath { path in
      let clock = Clock()
      let (hangs, goesOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
      // The report is what comes of writing, so while it is not taken writing is not over.
      let keys = try TicketKeys(
        path: path, now: { clock.now },
        report: { _ in
          hangs.signal()
          goesOn.wait()
        })
      let first = keys.current()
      try FileManager.default.createDirectory(atPath: path + ".new/x", withIntermediateDirectories: true)
      clock.now += Self.day
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        for _ in 0..<3 {
          #expect(keys.current() != first)
          #expect(self.find(keys, first) == first)
          clock.now += 600
        }
        done.signal()
      }
      #expect(hangs.wait(timeout: .now() + 30) == .success)
      #expect(done.wait(timeout: .now() + 30) == .success, "a handshake waits for the disk")
      goesOn.signal()
      try settle(keys)
    }
  }

  @Test("A disk that takes nothing does not keep old keys from being used, nor new ones in memory")
  func fullDisk() throws {
    try withPath { path in
      let clock = Clock()
      let first = try TicketKeys(path: path, now: { clock.now }, report: { _ in }).current()
      try FileManager.default.createDirectory(atPath: path + ".new/x", withIntermediateDirectories: true)
      clock.now += 2 * Self.day
      #expect(try TicketKeys.check(path: path)?.description == "cannot be written: File exists")
      let reports = Reports()
      let keys = try TicketKeys(path: path, now: { clock.now }, report: { reports.add("\($0)") })
      #expect(reports.lines == ["cannot be written: File exists"])
      let second = keys.current()
      #expect(second != first && find(keys, first) == first)
      // Where it is good again, the key that was in memory is written.
      try FileManager.default.removeItem(atPath: path + ".new")
      clock.now += 600
      #expect(keys.current() == second)
      try settle(keys)
      #expect(try TicketKeys(path: path, now: { clock.now }, report: { _ in }).current() == second)
    }
  }
}
