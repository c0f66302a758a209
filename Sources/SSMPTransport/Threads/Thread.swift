// Threads for event loops.

import CEpoll
import Glibc

/// A thread that runs one function to its end.
public struct Thread: Sendable {
  private let handle: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a thread.
  ///
  /// - Parameter name: what `top -H` and `ps -L` show, of which the kernel keeps 15 bytes; by default the program's name.
  public init(named name: String? = nil, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    var handle = pthread_t()
    let box = unsafe Unmanaged.passRetained(
      Body {
        if let name { unsafe ssmp_set_thread_name(name) }
        body()
      })
    let result = unsafe pthread_create(
      &handle, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, unsafe box.toOpaque())
    guard result == 0 else {
      unsafe box.release()
      throw SystemError("pthread_create", code: result)
    }
    self.handle = handle
  }

  /// Lets other threads run first that are ready to.
  public static func yield() { sched_yield() }

  /// Leaves the thread to itself: what it took is given back when it ends.
  public func detach() {
    pthread_detach(handle)
  }

  /// Waits until the thread has ended.
  public func join() {
    pthread_join(handle, nil)
  }
}
