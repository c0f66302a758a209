// Authorities between clients' certificates and the anchors.

import COpenSSL

/// Authorities as clients have sent them and as they have verified, in DER, kept for those who are looked at again after a
/// reload: a connection does not keep them. Shared by the loops.
///
/// It is bounded: beyond that many the oldest makes room, and clients below it have to shake hands anew after a reload.
public final class IntermediatePool: @unchecked Sendable {
  private static let limit = 256

  private let lock = Lock()
  // Guarded by `lock`.
  private var content = Content()

  /// What is remembered; `generation` tells it from what was before.
  struct Content {
    var generation = 0
    fileprivate var known: Set<[UInt8]> = []
    fileprivate var ring: [[UInt8]] = []
    fileprivate var oldest = 0

    /// The newest is the first: one that was issued anew is to be tried before the one that it replaces.
    var authorities: [[UInt8]] { (ring[oldest...] + ring[..<oldest]).reversed() }
  }

  /// An empty pool.
  public init() {}

  /// Remembers an authority that has verified.
  func remember(_ der: [UInt8]) {
    lock.withLock {
      guard content.known.insert(der).inserted else { return }
      content.generation += 1
      guard content.ring.count == Self.limit else { return content.ring.append(der) }
      content.known.remove(content.ring[content.oldest])
      content.ring[content.oldest] = der
      content.oldest = (content.oldest + 1) % Self.limit
    }
  }

  /// All that are remembered; `nil` when that has not changed since `generation`.
  func content(after generation: Int) -> Content? {
    lock.withLock { content.generation == generation ? nil : content }
  }
}

/// The authorities of a pool in one library context. Each is decoded once, when it is new.
final class IntermediateCopies: @unchecked Sendable {
  private let pool: IntermediatePool
  private let library: TLSLibrary
  private let lock = Lock()
  // Guarded by `lock`.
  private var generation = -1
  private var copies: [(der: [UInt8], certificate: Certificate)] = []

  init(of pool: IntermediatePool, in library: TLSLibrary) {
    self.pool = pool
    self.library = library
    lock.withLock { update() }
  }

  /// A stack of all, which belongs to the caller.
  func stack() -> OpaquePointer {
    let stack = unsafe allocated(ssmp_sk_X509_new())
    lock.withLock {
      update()
      for copy in copies { _ = unsafe ssmp_sk_X509_append(stack, copy.certificate.x509) }
    }
    return unsafe stack
  }

  private func update() {
    guard let content = pool.content(after: generation) else { return }
    generation = content.generation
    let before = Dictionary(uniqueKeysWithValues: copies.map { ($0.der, $0.certificate) })
    copies = content.authorities.compactMap { der in
      let copy = unsafe before[der] ?? der.withUnsafeBytes { unsafe Certificate(der: $0, in: library) }
      return copy.map { (der, $0) }
    }
  }
}
