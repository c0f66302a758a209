// What a session has to remember.

import Foundation
import TLSHarness
import Testing

@testable import SSMPTransport

@Suite("Session records")
struct SessionRecordTests {
  private static func record() -> SessionRecord {
    var record = SessionRecord()
    record.certificate = Array(repeating: 7, count: 700)
    record.names = SubjectNames(common: [Array("pump".utf8)], alternative: [[], Array("10.0.0.7".utf8)])
    record.intermediates = [Array(repeating: 1, count: 500), [2]]
    return record
  }

  private func decode(_ bytes: some Sequence<UInt8>) -> SessionRecord? {
    Array(bytes).withUnsafeBytes(SessionRecord.init)
  }

  @Test("A record comes out of its bytes as it went in", arguments: [Self.record(), SessionRecord()])
  func roundTrip(_ record: SessionRecord) {
    #expect(decode(record.encoded) == record)
  }

  @Test("Nothing else is a record: no part of one, nor one with something behind it, nor what was there before")
  func others() {
    let bytes = Self.record().encoded
    for count in 0..<bytes.count { #expect(decode(bytes[..<count]) == nil) }
    #expect(decode(bytes + [0]) == nil)
    #expect(decode(bytes[1...]) == nil)
    // The end of a chain, and its authorities behind it: what there was before.
    #expect(decode(bytes[8...]) == nil)
    let old: [UInt8] = [0, 0, 0, 0x70, 0, 0, 0, 0, 30, 0] + Array(repeating: 0, count: 30)
    #expect(decode(old) == nil)
  }

  @Test("Authorities that do not fit are left out")
  func bounded() throws {
    var record = Self.record()
    record.intermediates = (0..<100).map { [UInt8](repeating: UInt8($0), count: 1000) }
    let decoded = try #require(decode(record.encoded))
    #expect(decoded.intermediates == Array(record.intermediates.prefix(8)))
    #expect(decoded.certificate == record.certificate)
  }

  @Test("Names that do not fit are all left out: the certificate has them")
  func manyNames() throws {
    var record = Self.record()
    record.names = SubjectNames(common: [[1]], alternative: (0..<200).map { [UInt8](repeating: UInt8($0), count: 10) })
    let decoded = try #require(decode(record.encoded))
    #expect(decoded.names == SubjectNames())
    #expect(decoded.certificate == record.certificate && decoded.intermediates == record.intermediates)
  }

  @Test("Sessions with this format of record are told from others by more than the server's files")
  func sessionContext() throws {
    let authority = try TestCertificate.authority("Appliance CA")
    let context = try TLSPair.context(authority, in: .forLoop(.all))
    let tag = withUnsafeBytes(of: SessionRecord.tag.littleEndian, Array.init)
    #expect(context.sessionContext == Digest.sha256(tag + context.origin))
    #expect(context.sessionContext != Digest.sha256(context.origin))
    // And from those without records.
    let plain = try TLSPair.context(authority, in: .forLoop(.without(.records)))
    #expect(context.origin == plain.origin && context.sessionContext != plain.sessionContext)
  }

  @Test("A session has ended with its certificate, and a week after its handshake at the latest")
  func end() throws {
    let now = Int64(time(nil))
    let week: Int64 = 7 * 86_400
    #expect((now + week...now + week + 60).contains(SessionRecord().end))
    var record = SessionRecord()
    record.end = now - 1
    #expect(record.hasEnded)
    #expect(record.remaining == 0)
    record.end = now + 100
    #expect(!record.hasEnded)
    #expect((40...100).contains(record.remaining))
  }
}
