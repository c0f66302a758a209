// Log lines that wait to be written.

import Glibc
import SSMPTransport

/// Lines that standard error has not taken, in order, up to a bound.
struct LogQueue {
  /// The most bytes that wait: a thousand lines or more.
  static let limit = 128 << 10
  /// The room that there must be again after a line was refused, so that what is lost is lost in one piece; also the most
  /// that is written at a time without waiting, which takes some twenty microseconds.
  static let leastRoom = 16 << 10

  private var bytes: [UInt8] = []
  /// Where the first line begins.
  private var start = 0
  /// The bytes that have been taken and not been written yet.
  private var taken = 0
  private var isOverflowing = false
  /// Only a thread that may wait can write: there is no telling whether a write would.
  var isPatient = false
  /// There is such a thread.
  var hasWriter = false

  /// The bytes that wait or are being written.
  private var size: Int { bytes.count - start + taken }

  /// True when everything has been written.
  var isIdle: Bool { size == 0 }

  /// True when there is something to be taken or drained.
  var hasLines: Bool { start < bytes.count }

  /// Adds a line; false when there is no room for it.
  mutating func append(_ line: [UInt8]) -> Bool {
    if size <= Self.limit - Self.leastRoom { isOverflowing = false }
    guard !isOverflowing, size + line.count <= Self.limit else {
      isOverflowing = true
      return false
    }
    bytes += line
    return true
  }

  /// Writes lines as long as that is possible without waiting, up to a bound.
  ///
  /// - Returns: true when anything was written, and the number of lines that were lost because of an error.
  mutating func drain(to output: StandardError) -> (hasWritten: Bool, lost: Int) {
    var (written, lost) = (0, 0)
    while !isPatient, hasLines, written < Self.leastRoom {
      let end = endOfPiece
      let attempt = bytes.withUnsafeBytes { output.writeNow(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
      switch attempt {
      case .bytes(let count):
        written += count
        remove(count)
      case .full: return (written > 0, lost)
      case .unknown: isPatient = true
      case .failed:
        lost += Self.lines(bytes[start..<end])
        remove(end - start)
      }
    }
    return (written > 0, lost)
  }

  /// Takes the first lines for a thread that may wait, which writes them; `nil` if there are none.
  /// They count as part of the queue until `finish`.
  mutating func take() -> [UInt8]? {
    guard hasLines else { return nil }
    let piece = Array(bytes[start..<endOfPiece])
    remove(piece.count)
    taken = piece.count
    return piece
  }

  /// What was taken has been written, or is lost.
  mutating func finish() {
    taken = 0
  }

  /// Forgets everything that waits; returns the number of lines.
  mutating func removeAll() -> Int {
    let count = Self.lines(bytes[start...])
    remove(bytes.count - start)
    return count
  }

  /// The number of lines in what begins with one, or with the rest of one.
  static func lines(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 == UInt8(ascii: "\n") } }

  /// The end of the first lines, as many as a pipe takes in one piece: each of them is shorter than that.
  private var endOfPiece: Int {
    let end = min(bytes.count, start + Int(PIPE_BUF))
    guard end < bytes.count, let last = bytes[start..<end].lastIndex(of: UInt8(ascii: "\n")) else { return end }
    return last + 1
  }

  private mutating func remove(_ count: Int) {
    start += count
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: bytes.count <= Int(PIPE_BUF))
      start = 0
    } else if start > Self.limit / 2 {
      bytes.removeFirst(start)
      start = 0
    }
  }
}
