// What a session has to remember of the handshake that it began with.

import COpenSSL
import Glibc

/// What a handshake has found out about a client. It travels in the session's ticket, so that a session can be resumed with
/// nothing of the client's at hand: neither the authorities that it has sent, nor its certificate as OpenSSL has it, which
/// takes a tenth of a millisecond to decode.
struct SessionRecord: Equatable {
  /// When a new handshake is due, in seconds since 1970: when the first certificate of the client's chain expires, and in any
  /// case when a ticket that was made in that handshake has had its time. So resuming again and again prolongs nothing.
  var end: Int64
  /// The client's certificate, in DER; empty when it has shown none.
  var certificate: [UInt8] = []
  /// The names in it. None where they are too many, or where there are none: then the certificate is to be asked.
  var names = SubjectNames()
  /// The authorities between it and the anchor, in DER.
  var intermediates: [[UInt8]] = []

  /// Begins each record, and tells its sessions from those of versions with another format: one of them would not find its
  /// record in a ticket of another's. To be changed with the format.
  static let tag: UInt64 = 0x3144_5043_4d53_5353
  /// What travels of authorities at most: tickets are sent in every handshake that resumes a session.
  private static let authorityBytes = 8 << 10
  /// What is kept of names at most, for each connection.
  private static let nameBytes = 2 << 10

  /// The record of a client without a certificate.
  init() {
    end = Int64(time(nil)) + TicketKeys.lifetime
  }

  /// What there is to know of a chain that has verified, from the client's certificate up to the anchor.
  init(_ chain: OpaquePointer?) {
    self.init()
    let count = unsafe ssmp_sk_X509_count(chain)
    let now = Int64(time(nil))
    for index in 0..<count {
      guard let x509 = unsafe ssmp_sk_X509_at(chain, index) else { continue }
      let time = unsafe Validity(from: X509_get0_notBefore(x509), until: X509_get0_notAfter(x509))
      if let seconds = time.secondsUntilEnd { end = min(end, now + Int64(seconds)) }
      guard index == 0 || index < count - 1, let der = unsafe Certificate.der(of: x509) else { continue }
      if index == 0 {
        certificate = der
        names = unsafe SubjectNames(of: x509)
      } else {
        intermediates.append(der)
      }
    }
  }

  /// What `encoded` has made bytes of, or `nil`.
  init?(_ bytes: UnsafeRawBufferPointer) {
    var reader = unsafe BlockReader(bytes)
    guard reader.number() == Self.tag, let end = reader.number(), let certificate = reader.block(),
      let commonNames = reader.list(), let alternativeNames = reader.list(), let intermediates = reader.list(),
      reader.isAtEnd
    else { return nil }
    self.end = Int64(bitPattern: end)
    self.certificate = certificate
    names = SubjectNames(common: commonNames, alternative: alternativeNames)
    self.intermediates = intermediates
  }

  /// The record as it travels: two numbers of eight bytes, the certificate, and lists of names and authorities, each item behind
  /// two bytes of length. Names and authorities that do not fit are left out.
  var encoded: [UInt8] {
    var bytes = unsafe withUnsafeBytes(of: Self.tag.littleEndian, Array.init)
    unsafe bytes += withUnsafeBytes(of: end.littleEndian, Array.init)
    Self.append(certificate, to: &bytes)
    let names = names.size <= Self.nameBytes ? names : SubjectNames()
    Self.append(names.common, to: &bytes)
    Self.append(names.alternative, to: &bytes)
    var room = Self.authorityBytes
    let fitting = intermediates.prefix {
      room -= $0.count
      return room >= 0
    }
    Self.append(Array(fitting), to: &bytes)
    return bytes
  }

  /// True when a new handshake is due.
  var hasEnded: Bool { end < Int64(time(nil)) }

  /// How long the session may still be resumed, in seconds.
  var remaining: Int64 {
    let now = Int64(time(nil))
    return end > now ? end - now : 0
  }

  private static func append(_ block: [UInt8], to bytes: inout [UInt8]) {
    unsafe bytes += withUnsafeBytes(of: UInt16(block.count).littleEndian, Array.init)
    bytes += block
  }

  private static func append(_ list: [[UInt8]], to bytes: inout [UInt8]) {
    unsafe bytes += withUnsafeBytes(of: UInt16(list.count).littleEndian, Array.init)
    for block in list { append(block, to: &bytes) }
  }
}

/// Reads numbers and blocks behind their lengths, as far as there are any.
@safe
private struct BlockReader {
  private var rest: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { unsafe rest = unsafe bytes }

  var isAtEnd: Bool { unsafe rest.isEmpty }

  mutating func number() -> UInt64? {
    unsafe take(8).map { unsafe UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
  }

  mutating func block() -> [UInt8]? {
    unsafe length().flatMap { unsafe take($0) }.map(Array.init)
  }

  mutating func list() -> [[UInt8]]? {
    guard let count = length() else { return nil }
    var blocks: [[UInt8]] = []
    for _ in 0..<count {
      guard let block = block() else { return nil }
      blocks.append(block)
    }
    return blocks
  }

  private mutating func length() -> Int? {
    unsafe take(2).map { unsafe Int(UInt16(littleEndian: $0.loadUnaligned(as: UInt16.self))) }
  }

  private mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard unsafe rest.count >= count else { return nil }
    defer { unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest.dropFirst(count)) }
    return unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(count))
  }
}
