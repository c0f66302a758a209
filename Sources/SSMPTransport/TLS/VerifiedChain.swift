// What a session has to remember of the chain that its certificate was verified by.

import COpenSSL
import Glibc

/// The end of a chain's time, and the authorities in it that the server does not have itself. It travels in the session's
/// ticket, since that holds the client's own certificate only.
struct VerifiedChain: Equatable {
  /// When the first of its certificates expires, in seconds since 1970.
  var end: Int64
  /// The authorities between the client's certificate and the anchor, in DER.
  var intermediates: [[UInt8]]

  /// What travels in a ticket at most: tickets are sent in every handshake that resumes a session.
  private static let limit = 8 << 10

  /// What there is to know of a chain that has verified, from the client's certificate up to the anchor.
  init(_ chain: OpaquePointer?) {
    let count = ssmp_sk_X509_count(chain)
    let now = Int64(time(nil))
    end = .max
    intermediates = []
    for index in 0..<count {
      guard let x509 = ssmp_sk_X509_at(chain, index) else { continue }
      let time = Validity(from: X509_get0_notBefore(x509), until: X509_get0_notAfter(x509))
      if let seconds = time.secondsUntilEnd { end = min(end, now + Int64(seconds)) }
      if index > 0, index < count - 1, let der = Certificate.der(of: x509) { intermediates.append(der) }
    }
  }

  /// What `encoded` has made bytes of, or `nil`.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 8 else { return nil }
    end = Int64(littleEndian: bytes.loadUnaligned(as: Int64.self))
    intermediates = []
    var place = 8
    while place + 2 <= bytes.count {
      let count = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self)))
      guard place + 2 + count <= bytes.count else { return nil }
      intermediates.append(Array(bytes[place + 2..<place + 2 + count]))
      place += 2 + count
    }
    guard place == bytes.count else { return nil }
  }

  /// The chain as it travels: eight bytes for its end, and each authority behind two bytes of length. Authorities that do not
  /// fit are left out.
  var encoded: [UInt8] {
    var bytes = withUnsafeBytes(of: end.littleEndian, Array.init)
    for der in intermediates where der.count <= Int(UInt16.max) && bytes.count + der.count + 2 <= Self.limit {
      bytes += withUnsafeBytes(of: UInt16(der.count).littleEndian, Array.init)
      bytes += der
    }
    return bytes
  }

  /// True when one of the certificates has expired.
  var hasExpired: Bool { end < Int64(time(nil)) }
}
