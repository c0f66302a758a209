// Authorities between clients' certificates and the anchors.

import COpenSSL

/// Authorities as clients have sent them and as they have verified, kept for those who are looked at again after a reload:
/// OpenSSL keeps them for no longer than the handshake.
///
/// It is bounded: beyond that many the oldest makes room, and clients below it have to shake hands anew after a reload.
public final class IntermediatePool: @unchecked Sendable {
  private static let limit = 256

  private let lock = Lock()
  // Guarded by `lock`.
  private var certificates: [Certificate] = []
  private var oldest = 0

  /// An empty pool.
  public init() {}

  /// Remembers the authorities of a chain that has verified, its anchor left out.
  func remember(_ chain: OpaquePointer?) {
    let count = ssmp_sk_X509_count(chain)
    guard count > 2 else { return }
    for index in 1..<count - 1 {
      guard let x509 = ssmp_sk_X509_at(chain, index) else { continue }
      X509_up_ref(x509)
      remember(Certificate(owning: x509))
    }
  }

  /// Remembers an authority that has verified.
  func remember(_ certificate: Certificate) {
    lock.withLock {
      guard !certificates.contains(where: { X509_cmp($0.x509, certificate.x509) == 0 }) else { return }
      guard certificates.count == Self.limit else { return certificates.append(certificate) }
      certificates[oldest] = certificate
      oldest = (oldest + 1) % Self.limit
    }
  }

  /// A stack of all that are remembered, which belongs to the caller.
  func stack(in library: TLSLibrary) -> OpaquePointer {
    let stack = allocated(ssmp_sk_X509_new())
    for certificate in lock.withLock({ certificates }) {
      // The loop that has put it there may use it at this moment.
      guard let copy = try? certificate.adopted(by: library) else { continue }
      withExtendedLifetime(copy) { _ = ssmp_sk_X509_append(stack, copy.x509) }
    }
    return stack
  }
}
