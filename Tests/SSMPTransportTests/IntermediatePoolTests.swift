// Authorities that are remembered.

import COpenSSL
import TLSHarness
import Testing

@testable import SSMPTransport

@Suite("Intermediate pool")
struct IntermediatePoolTests {
  @Test("An authority is remembered once, the oldest makes room when there are 256, the newest comes first")
  func bounded() throws {
    let pool = IntermediatePool()
    #expect(pool.content(after: 0) == nil)
    for number in 0..<300 {
      for _ in 0..<2 { pool.remember(Array("\(number)".utf8)) }
    }
    let content = try #require(pool.content(after: 0))
    #expect(content.authorities == (44..<300).reversed().map { Array("\($0)".utf8) })
    #expect(content.generation == 300)
    #expect(pool.content(after: 300) == nil)
  }

  @Test("A stack has what is remembered at that time, each decoded once, and lives on its own")
  func copies() throws {
    let root = try TestCertificate.authority("Root")
    let pool = IntermediatePool()
    let first = try root.authority("First").der
    pool.remember(first)
    let copies = IntermediateCopies(of: pool, in: .common)
    func certificates() -> [OpaquePointer] {
      let stack = copies.stack()
      defer { ssmp_sk_X509_free(stack) }
      return (0..<ssmp_sk_X509_count(stack)).compactMap { ssmp_sk_X509_at(stack, $0) }
    }
    let before = certificates()
    #expect(before.count == 1 && certificates() == before)
    pool.remember(try root.authority("Second").der)
    // No certificate, for whatever reason.
    pool.remember([1, 2, 3])
    let after = certificates()
    #expect(after.count == 2 && after[1] == before[0])
    let stack = copies.stack()
    defer { ssmp_sk_X509_free(stack) }
    for number in 0..<256 { pool.remember(Array("\(number)".utf8)) }
    #expect(certificates().isEmpty)
    #expect(ssmp_sk_X509_at(stack, 1).flatMap(Certificate.der) == first)
  }
}
