// The files that TLS needs.

import CommandLineTools
import SSMPCore
import SSMPTransport

/// The settings `--cert`, `--key`, `--cacert` and `--crl`, complete.
struct TLSFiles: Equatable, Sendable {
  let certificate: String
  let key: String
  let authorities: String
  let revocations: String?

  /// More than any chain of certificates.
  private static let certificateLimit = 1 << 20
  /// A million and more revoked certificates.
  private static let revocationLimit = 64 << 20

  /// Reads all files and checks that they fit together.
  func read(_ reading: inout FileReading, intermediates: IntermediatePool) throws(ConfigurationError) -> TLSMaterial {
    guard TLSLibrary.hasRandomNumbers else {
      throw SettingFile.fault("cert", certificate, "cannot be used: OpenSSL is configured to have no random numbers")
    }
    let chain = try parse(certificate, "cert", Self.certificateLimit, &reading) { (pem) throws(TLSError) in
      try Certificate.parse(pem: pem) { isRead($0, from: certificate) }
    }
    let key = try readKey(&reading)
    guard key.fits(chain.objects[0]) else {
      throw SettingFile.fault("key", self.key, "does not fit the certificate in '\(certificate.printable)'")
    }
    let authorities = try parse(self.authorities, "cacert", Self.certificateLimit, &reading) {
      (pem) throws(TLSError) in try Certificate.parse(pem: pem) { isRead($0, from: self.authorities) }
    }
    try refuseWeak(authorities.objects)
    var lists: (objects: [RevocationList], bytes: [UInt8]) = ([], [])
    if let revocations {
      lists = try parse(revocations, "crl", Self.revocationLimit, &reading) { (pem) throws(TLSError) in
        try RevocationList.parse(pem: pem) { isRead($0, from: revocations) }
      }
      try check(lists.objects, of: revocations, authorities.objects)
    }
    return TLSMaterial(
      chain: chain.objects, key: key, authorities: authorities.objects, lists: lists.objects,
      // Not the bytes of both side by side: what belongs to which file must make a difference.
      origin: Digest.sha256(Digest.sha256(authorities.bytes) + Digest.sha256(lists.bytes)), files: self,
      intermediates: intermediates)
  }

  /// True when one of the settings reads blocks of this kind from that file: several may name the same one.
  private func isRead(_ label: String, from file: String) -> Bool {
    if file == key, PrivateKey.isLabel(label) || label.hasSuffix(" PARAMETERS") { return true }
    if file == certificate || file == authorities, Certificate.labels.contains(label) { return true }
    return file == revocations && RevocationList.labels.contains(label)
  }

  private func parse<Object>(
    _ path: String, _ setting: String, _ limit: Int, _ reading: inout FileReading,
    _ parse: ([UInt8]) throws(TLSError) -> [Object]
  ) throws(ConfigurationError) -> (objects: [Object], bytes: [UInt8]) {
    let content = try SettingFile.read(path, of: setting, limit: limit, &reading)
    guard content.bytes.count <= limit else {
      throw SettingFile.fault(setting, path, "is larger than \(Units.describe(bytes: limit))")
    }
    do throws(TLSError) {
      return (try parse(content.bytes), content.bytes)
    } catch {
      throw SettingFile.fault(setting, path, "\(error)")
    }
  }

  private func readKey(_ reading: inout FileReading) throws(ConfigurationError) -> PrivateKey {
    let content = try SettingFile.read(key, of: "key", limit: Self.certificateLimit, &reading)
    guard content.permissions & 0o007 == 0 else {
      let mode = String(content.permissions, radix: 8)
      throw SettingFile.fault("key", key, "is open to everybody (mode \(mode)); give it the mode 600 or 640")
    }
    do throws(TLSError) {
      return try PrivateKey(pem: content.bytes)
    } catch {
      throw SettingFile.fault("key", key, "\(error)")
    }
  }

  /// With authorities whose keys are all too weak no certificate of a client would verify.
  private func refuseWeak(_ authorities: [Certificate]) throws(ConfigurationError) {
    guard authorities.allSatisfy(\.isWeak), let first = authorities.first else { return }
    throw SettingFile.fault(
      "cacert", self.authorities,
      "cannot be used: the key of \(first.subject) is \(first.keyKind), under which no client's certificate is accepted; "
        + "give authorities with RSA of 2048 bits, or an elliptic curve")
  }

  /// A list that an authority has not signed would keep all of that authority's clients out.
  private func check(
    _ lists: [RevocationList], of path: String, _ authorities: [Certificate]
  ) throws(ConfigurationError) {
    for list in lists {
      let issuers = authorities.filter(list.isIssued(by:))
      guard issuers.isEmpty || issuers.contains(where: list.isSigned(by:)) else {
        throw SettingFile.fault("crl", path, "holds a revocation list whose signature by \(list.issuer) is wrong")
      }
    }
  }
}
