// The private key of a certificate.

import COpenSSL

/// A private key. Immutable, so it may be shared.
@safe
public final class PrivateKey: @unchecked Sendable {
  /// Owned by this object.
  let key: OpaquePointer

  /// The private key in a file in PEM form, which must not be encrypted: nobody is there to ask for the passphrase.
  ///
  /// - Throws: when there is none, or several: which of them is meant nobody can know.
  public init(pem: [UInt8]) throws(TLSError) {
    let count: Int
    do throws(TLSError) {
      count = try PEMBlock.all(in: pem).count { Self.isLabel($0.label) }
    } catch {
      throw TLSError("holds a private key that cannot be read: \(error)")
    }
    guard count < 2 else { throw TLSError("holds \(count) private keys; give one") }
    var found: OpaquePointer?
    var isEncrypted = false
    var failure = TLSError("")
    unsafe PEM.withBIO(pem) { bio in
      ERR_clear_error()
      unsafe withUnsafeMutablePointer(to: &isEncrypted) { asked in
        unsafe found = unsafe PEM_read_bio_PrivateKey(
          bio, nil,
          { _, _, _, asked in
            unsafe asked?.assumingMemoryBound(to: Bool.self).pointee = true
            return -1
          }, unsafe asked)
      }
      failure = TLSError.take()
    }
    guard let found = unsafe found else {
      throw isEncrypted
        ? TLSError("is encrypted; give a key without a passphrase")
        : TLSError("holds no private key in PEM form: \(failure)")
    }
    unsafe key = unsafe found
  }

  /// True when blocks with a private key are called so.
  public static func isLabel(_ label: String) -> Bool { label.hasSuffix("PRIVATE KEY") }

  /// Its kind, as `EC secp521r1`, for messages.
  public var kind: String { unsafe Self.kind(of: key) }

  static func kind(of key: OpaquePointer?) -> String {
    guard let key = unsafe key else { return "unknown" }
    let name = unsafe EVP_PKEY_get0_type_name(key).map { unsafe String(cString: $0) } ?? "unknown"
    var group = [CChar](repeating: 0, count: 80)
    var length = 0
    if unsafe EVP_PKEY_get_group_name(key, &group, group.count, &length) == 1 {
      return "\(name) \(String(decoding: group[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self))"
    }
    ERR_clear_error()
    return name.hasPrefix("ED") ? name : unsafe "\(name) \(EVP_PKEY_get_bits(key))"
  }

  private init(owning key: OpaquePointer) {
    unsafe self.key = unsafe key
  }

  /// The same key in another library context; itself in the common one, where files are read.
  func adopted(by library: TLSLibrary) throws(TLSError) -> PrivateKey {
    guard unsafe library.context != nil else { return self }
    ERR_clear_error()
    let maker = unsafe EVP_PKEY_CTX_new_from_name(library.context, EVP_PKEY_get0_type_name(key), nil)
    var parameters: UnsafeMutablePointer<OSSL_PARAM>?
    var copy: OpaquePointer?
    defer {
      unsafe EVP_PKEY_CTX_free(maker)
      unsafe OSSL_PARAM_free(parameters)
    }
    guard unsafe EVP_PKEY_todata(key, ssmp_EVP_PKEY_KEYPAIR, &parameters) == 1,
      unsafe EVP_PKEY_fromdata_init(maker) == 1,
      unsafe EVP_PKEY_fromdata(maker, &copy, ssmp_EVP_PKEY_KEYPAIR, parameters) == 1, let copy = unsafe copy
    else { throw TLSError.take() }
    return unsafe PrivateKey(owning: copy)
  }

  /// True when it is the key of `certificate`.
  public func fits(_ certificate: Certificate) -> Bool {
    defer { ERR_clear_error() }
    return unsafe X509_check_private_key(certificate.x509, key) == 1
  }

  deinit {
    unsafe EVP_PKEY_free(key)
  }
}
