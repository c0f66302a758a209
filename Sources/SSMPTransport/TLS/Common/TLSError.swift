// What OpenSSL says when something fails.

import COpenSSL

/// A failure of OpenSSL, in its own words.
public struct TLSError: Error, CustomStringConvertible, Sendable {
  /// The reason, without OpenSSL's numbers and function names.
  public let description: String

  /// A failure for this reason.
  public init(_ description: String) {
    self.description = description
  }

  /// The failure that OpenSSL has just noted for this thread; `fallback` where it has noted none. Empties its notes.
  static func take(_ fallback: String = "unknown reason") -> TLSError {
    // The last note is the innermost call that had something to say.
    let code = ERR_peek_last_error()
    defer { ERR_clear_error() }
    guard code != 0 else { return TLSError(fallback) }
    guard let reason = unsafe ERR_reason_error_string(code) else { return TLSError("error \(code)") }
    return unsafe TLSError(String(cString: reason))
  }
}

/// The pointer that a call of OpenSSL has returned, which is `nil` only when memory has run out.
func allocated<Pointer>(_ pointer: Pointer?) -> Pointer {
  guard let pointer else { fatalError("out of memory") }
  return pointer
}
