// Work on threads of its own.

import Foundation

/// Runs `body` once for each number, each on a thread of its own, and returns when all have ended.
func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
  let failures = Failures()
  let group = DispatchGroup()
  for number in 0..<count {
    group.enter()
    Thread.detachNewThread {
      defer { group.leave() }
      do { try body(number) } catch { failures.add(error) }
    }
  }
  group.wait()
  if let first = failures.first { throw first }
}

private final class Failures: @unchecked Sendable {
  private let lock = NSLock()
  private var errors: [any Error] = []

  func add(_ error: any Error) { lock.withLock { errors.append(error) } }
  var first: (any Error)? { lock.withLock { errors.first } }
}

/// Waits until `condition` holds; throws when it does not within the time.
func eventually(within seconds: Double = TestClient.seconds, _ what: String, _ condition: () throws -> Bool) throws {
  let deadline = Date() + seconds
  while try !condition() {
    guard Date() < deadline else { throw TestFailure("\(what): not within \(seconds) s") }
    usleep(10_000)
  }
}
