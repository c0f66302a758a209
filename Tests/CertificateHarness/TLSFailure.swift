// What OpenSSL did not do, and why.

import COpenSSL

/// A certificate could not be made, or a TLS connection could not go on.
public struct TLSFailure: Error, CustomStringConvertible, Sendable {
  /// What failed, with OpenSSL's reasons if it gave some: `handshake: tlsv1 alert unknown ca`.
  public let description: String

  /// A failure with this description.
  public init(_ what: String) {
    description = what
  }

  /// Takes the reasons off this thread's queue of errors.
  package static func fromOpenSSL(_ what: String) -> TLSFailure {
    var reasons: [String] = []
    while true {
      let code = ERR_get_error()
      guard code != 0 else { break }
      reasons.append(reason(code))
    }
    return TLSFailure(reasons.isEmpty ? what : "\(what): \(reasons.joined(separator: ", "))")
  }

  private static func reason(_ code: UInt) -> String {
    if let text = ERR_reason_error_string(code) { return String(cString: text) }
    return "error \(code)"
  }
}

/// The pointer that OpenSSL made; throws when it made none.
package func required<Pointer>(_ pointer: Pointer?, _ what: String) throws -> Pointer {
  guard let pointer else { throw TLSFailure.fromOpenSSL(what) }
  return pointer
}

/// Throws when one of OpenSSL's functions did not succeed.
package func require(_ result: Int32, _ what: String) throws {
  guard result > 0 else { throw TLSFailure.fromOpenSSL(what) }
}
