// Threads that may wait.

import SSMPTransport

/// Threads for what may have to be waited for. They end when nothing is left to do.
///
/// There are several, since a name whose server does not answer must not keep other clients from connecting.
enum PatientThreads {
  private struct Work {
    var waiting = Fifo<@Sendable () -> Void>()
    var threads = 0
  }

  private static let work = Locked(Work())
  private static let limit = 32

  /// Runs `body` as soon as one of the threads is free.
  ///
  /// - Throws: if there is none, and the system does not let the process have one. Then `body` is not run.
  static func run(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let needsThread = work.withLock { work in
      guard work.threads < limit else {
        work.waiting.append(body)
        return false
      }
      work.threads += 1
      return true
    }
    guard needsThread else { return }
    do throws(SystemError) {
      try Thread(named: "ssmp-prepare") {
        body()
        serve()
      }.detach()
    } catch {
      work.withLock { $0.threads -= 1 }
      throw error
    }
  }

  private static func serve() {
    while let body = next() { body() }
  }

  private static func next() -> (@Sendable () -> Void)? {
    work.withLock { work in
      guard let body = work.waiting.popFirst() else {
        work.threads -= 1
        return nil
      }
      return body
    }
  }
}
