// The funnel for system calls: one policy for interruption, would-block and errors.

import CEpoll
import Glibc

/// A system call that failed in a way that its caller cannot handle as an ordinary result.
public struct SystemError: Error, CustomStringConvertible, Sendable {
  /// The name of the call.
  public let call: StaticString
  /// What it left in `errno`.
  public let code: Int32

  /// An error of `call` with the code that it left in `errno`.
  public init(_ call: StaticString, code: Int32 = errno) {
    self.call = call
    self.code = code
  }

  /// The system's words for the code.
  public var reason: String { unsafe String(cString: strerror(code)) }
  /// The call and the system's words.
  public var description: String { "\(call): \(reason)" }
}

/// What a transfer of bytes came to.
public enum Transfer: Equatable, Sendable {
  /// This many bytes, at least one.
  case bytes(Int)
  /// None now; the poller will say when it is worth another try.
  case wouldBlock
  /// The peer has shut its side down.
  case ended
  /// The connection is broken; the value is `errno`.
  case failed(Int32)
}

/// Repeats a call as long as a signal interrupts it. Never used for `close`, which must not be repeated.
@inline(__always)
func retrying<Result: BinaryInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}

/// The result of a call that returns -1 on error, or that error.
@discardableResult
func check(_ name: StaticString, _ call: () -> Int32) throws(SystemError) -> Int32 {
  let result = retrying(call)
  guard result != -1 else { throw SystemError(name) }
  return result
}

/// The result of `recv` or `send`.
@inline(__always)
func transfer(_ result: Int) -> Transfer {
  if result > 0 { return .bytes(result) }
  if result == 0 { return .ended }
  return errno == EAGAIN ? .wouldBlock : .failed(errno)
}
