// Log lines that wait.

import Glibc
import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Log queue")
struct LogQueueTests {
  private func line(_ number: Int, length: Int = 100) -> [UInt8] {
    let text = Array("\(number) ".utf8)
    return text + Array(repeating: UInt8(ascii: "x"), count: length - text.count - 1) + [UInt8(ascii: "\n")]
  }

  /// A queue with as many lines as it takes; and their number.
  private func full() -> (LogQueue, Int) {
    var queue = LogQueue()
    var count = 0
    while queue.append(line(count)) { count += 1 }
    return (queue, count)
  }

  @Test("It takes lines up to its bound, and none then before there is room for many")
  func bound() {
    var (queue, count) = full()
    #expect(count == LogQueue.limit / 100)
    var taken = queue.take()?.count ?? 0
    // What has been taken is still being written.
    var isAccepted = queue.append([10])
    #expect(!isAccepted)
    queue.finish()
    isAccepted = queue.append([10])
    #expect(!isAccepted)
    while taken < LogQueue.leastRoom, let piece = queue.take() {
      taken += piece.count
      queue.finish()
    }
    isAccepted = queue.append([10])
    #expect(isAccepted)
  }

  @Test("Lines come in order, whole, and as many at a time as a pipe takes in one piece")
  func order() {
    var (queue, count) = full()
    var all: [UInt8] = []
    while let piece = queue.take() {
      #expect(piece.count <= Int(PIPE_BUF) && piece.last == UInt8(ascii: "\n"))
      #expect(!queue.isIdle)
      queue.finish()
      all += piece
    }
    #expect(queue.isIdle && !queue.hasLines)
    #expect(all == (0..<count).flatMap { line($0) })
  }

  @Test("Forgotten lines are counted")
  func forgotten() {
    var (queue, count) = full()
    let forgotten = queue.removeAll()
    #expect(forgotten == count)
    #expect(queue.isIdle)
    let isAccepted = queue.append(line(1))
    #expect(isAccepted)
  }
}

@Suite("Monitor")
struct MonitorTests {
  @Test("A change wakes who waits for it; without one the wait ends when its time is up")
  func changes() throws {
    final class Shared: Sendable {
      let number = Monitor(0)
    }
    let shared = Shared()
    #expect(shared.number.wait(milliseconds: 10) { $0 > 0 ? $0 : nil } == nil)
    let thread = try Thread { shared.number.withLock { $0 = 7 } }
    #expect(shared.number.wait(milliseconds: 60_000) { $0 > 0 ? $0 : nil } == 7)
    thread.join()
  }
}
