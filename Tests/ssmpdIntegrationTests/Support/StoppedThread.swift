// One thread of another process, held still.

import Foundation
import Testing

/// A thread of a child process that is stopped while all the others run, as a debugger does it.
///
/// What is done to it has to be done by the thread that has made this.
final class StoppedThread {
  private let thread: Int32
  private let trace: @convention(c) (Int, Int, Int, Int) -> Int

  private static let detach = 17
  private static let seize = 0x4206
  private static let interrupt = 0x4207
  /// Waits for threads, too.
  private static let waitAll: Int32 = 0x4000_0000

  init(of process: Int32, named name: String) throws {
    // Swift does not take functions with variable arguments from C.
    trace = unsafeBitCast(try #require(dlsym(nil, "ptrace")), to: (@convention(c) (Int, Int, Int, Int) -> Int).self)
    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")
    let found = threads.first {
      (try? String(contentsOfFile: "/proc/\(process)/task/\($0)/comm", encoding: .utf8)) == "\(name)\n"
    }
    thread = try #require(found.flatMap { Int32($0) }, "no thread \(name)")
    try #require(trace(Self.seize, Int(thread), 0, 0) == 0, "ptrace: \(errno)")
    try #require(trace(Self.interrupt, Int(thread), 0, 0) == 0, "ptrace: \(errno)")
    var status: Int32 = 0
    #expect(waitpid(thread, &status, Self.waitAll) == thread)
  }

  /// Lets it go on.
  func resume() {
    _ = trace(Self.detach, Int(thread), 0, 0)
  }
}
