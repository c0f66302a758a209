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
    var authorities: Set<[UInt8]> = []
    var generation = 0
    fileprivate var inOrder: [[UInt8]] = []
    fileprivate var oldest = 0
  }

  /// An empty pool.
  public init() {}

  /// Remembers an authority that has verified.
  func remember(_ der: [UInt8]) {
    lock.withLock {
      guard content.authorities.insert(der).inserted else { return }
      content.generation += 1
      guard content.inOrder.count == Self.limit else { return content.inOrder.append(der) }
      content.authorities.remove(content.inOrder[content.oldest])
      content.inOrder[content.oldest] = der
      content.oldest = (content.oldest + 1) % Self.limit
    }
  }

  /// All that are remembered; `nil` when that has not changed since `generation`.
  func content(after generation: Int) -> Content? {
    lock.withLock { content.generation == generation ? nil : content }
  }
}

/// The authorities of a pool in one library context, each decoded once.
final class IntermediateCopies: @unchecked Sendable {
  private let pool: IntermediatePool
  private let library: TLSLibrary
  private let lock = Lock()
  // Guarded by `lock`.
  private var generation = -1
  private var copies: [[UInt8]: Certificate] = [:]

  init(of pool: IntermediatePool, in library: TLSLibrary) {
    self.pool = pool
    self.library = library
    lock.withLock { update() }
  }

  /// A stack of all, which belongs to the caller.
  func stack() -> OpaquePointer {
    let stack = allocated(ssmp_sk_X509_new())
    lock.withLock {
      update()
      for copy in copies.values { _ = ssmp_sk_X509_append(stack, copy.x509) }
    }
    return stack
  }

  private func update() {
    guard let content = pool.content(after: generation) else { return }
    generation = content.generation
    var updated: [[UInt8]: Certificate] = [:]
    for der in content.authorities {
      updated[der] = copies[der] ?? der.withUnsafeBytes { Certificate(der: $0, in: library) }
    }
    copies = updated
  }
}
