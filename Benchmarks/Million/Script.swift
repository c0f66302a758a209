// Requests that are written before the clock starts.

import Containers
import SSMPCore

/// What a number of connections are going to send, one request each, so that no text is put together while time is taken.
struct Script: ~Copyable {
  struct Step: BitwiseCopyable {
    /// Who sends it; `newcomer` for a connection that is made for it.
    var slot: UInt32
    var start: Int
    var end: Int
  }

  /// The sender of a step that connects first.
  static let newcomer = UInt32.max

  private(set) var text = FlatArray<UInt8>()
  private(set) var steps = FlatArray<Step>()

  /// The number of requests.
  var count: Int { steps.count }

  /// Adds a request without its line end, which is read `times` times in one piece; returns its length.
  @discardableResult
  mutating func add(_ slot: UInt32, _ line: String, times: Int = 1) -> Int {
    let start = text.count
    for _ in 0..<times {
      for byte in line.utf8 { text.append(byte) }
      text.append(UInt8(ascii: "\n"))
    }
    steps.append(Step(slot: slot, start: start, end: text.count))
    return line.utf8.count
  }

  /// The bytes of one request, valid until the script changes.
  func bytes(of step: Step) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(start: text.base, count: text.count)[step.start..<step.end])
  }
}

/// The texts of a fleet. Everything has the same length whatever its number, so that lengths can be foretold.
enum Words {
  static let payload = String(repeating: "x", count: 100)
  static let common = "common"
  static let room = "room"

  static func name(_ number: Int) -> String { numbered("device-", number) }
  static func topic(_ number: Int) -> String { numbered("topic-", number) }

  /// The length of the event by which a request of `line` bytes is forwarded, its LF included.
  static func event(_ line: Int) -> Int { 4 + name(0).utf8.count + 1 + line + 1 }

  private static func numbered(_ prefix: String, _ number: Int) -> String {
    let digits = String(number)
    return prefix + String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
  }
}
