// How lines get to standard error without anybody waiting for it.

import Glibc
import SSMPTransport

extension Log {
  /// Writes a line at once, behind those that wait, or leaves it to the thread that may wait; false when it is lost.
  func handOver(_ line: [UInt8]) -> Bool {
    let (isAccepted, lost, needsWriter) = queue.withLock { queue -> (Bool, Int, Bool) in
      // If standard error has room again, the lines that wait are written first.
      let before = queue.drain(to: output).lost
      guard queue.append(line) else { return (false, before, false) }
      let lost = before + queue.drain(to: output).lost
      guard queue.hasLines, !queue.hasWriter else { return (true, lost, false) }
      queue.hasWriter = true
      return (true, lost, true)
    }
    if lost > 0 { lose(lost) }
    if needsWriter { startWriter() }
    return isAccepted
  }

  /// Waits, up to a bound, until everything has been written: for the end of the process.
  func finish() {
    _ = queue.wait(milliseconds: Tuning.logEndTime) { $0.isIdle ? true : nil }
  }

  /// Starts the thread that writes what waits. Where standard error is a journal, a pipe or a terminal that is read, there is
  /// none.
  private func startWriter() {
    // Signals are for the first loop, and are blocked by what is started later than this may be.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    do throws(SystemError) {
      try Thread(named: "ssmpd/log") { self.writeQueued() }.detach()
    } catch {
      lose(
        queue.withLock { queue in
          queue.hasWriter = false
          return queue.removeAll()
        })
    }
  }

  private func writeQueued() {
    while true {
      let isPatient = queue.wait { $0.hasLines ? $0.isPatient : nil } ?? false
      let (hasWritten, lost) = isPatient ? writePatiently() : writeWhenPossible()
      if lost > 0 { lose(lost) }
      // Perhaps nobody has anything to say for a long time. Where nothing can be written there is nobody to tell.
      if hasWritten, queue.withLock({ $0.isIdle }) { sayLosses() }
    }
  }

  private func writePatiently() -> (hasWritten: Bool, lost: Int) {
    guard let piece = queue.withLock({ $0.take() }) else { return (false, 0) }
    let written = piece.withUnsafeBytes { output.write($0) }
    queue.withLock { $0.finish() }
    return (written > 0, LogQueue.lines(piece[written...]))
  }

  private func writeWhenPossible() -> (hasWritten: Bool, lost: Int) {
    output.waitForRoom()
    let result = queue.withLock { $0.drain(to: output) }
    // Where there seems to be room and is not, this must not spin.
    if !result.hasWritten, result.lost == 0 { Poller.rest(nanoseconds: 10_000_000) }
    return result
  }
}
