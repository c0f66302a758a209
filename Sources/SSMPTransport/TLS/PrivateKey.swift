// The private key of a certificate.

import COpenSSL

/// A private key. Immutable, so it may be shared.
public final class PrivateKey: @unchecked Sendable {
  /// Owned by this object.
  let key: OpaquePointer

  /// The first private key in a file in PEM form, which must not be encrypted: nobody is there to ask for the passphrase.
  public init(pem: [UInt8]) throws(TLSError) {
    var found: OpaquePointer?
    var isEncrypted = false
    var failure = TLSError("")
    PEM.withBIO(pem) { bio in
      ERR_clear_error()
      withUnsafeMutablePointer(to: &isEncrypted) { asked in
        found = PEM_read_bio_PrivateKey(
          bio, nil,
          { _, _, _, asked in
            asked?.assumingMemoryBound(to: Bool.self).pointee = true
            return -1
          }, asked)
      }
      failure = TLSError.take()
    }
    guard let found else {
      throw isEncrypted
        ? TLSError("is encrypted; give a key without a passphrase")
        : TLSError("holds no private key in PEM form: \(failure)")
    }
    key = found
  }

  private init(owning key: OpaquePointer) {
    self.key = key
  }

  /// The same key in another library context; itself in the common one, where files are read.
  func adopted(by library: TLSLibrary) throws(TLSError) -> PrivateKey {
    guard library !== TLSLibrary.common else { return self }
    ERR_clear_error()
    let maker = EVP_PKEY_CTX_new_from_name(library.context, EVP_PKEY_get0_type_name(key), nil)
    var parameters: UnsafeMutablePointer<OSSL_PARAM>?
    var copy: OpaquePointer?
    defer {
      EVP_PKEY_CTX_free(maker)
      OSSL_PARAM_free(parameters)
    }
    guard EVP_PKEY_todata(key, ssmp_EVP_PKEY_KEYPAIR, &parameters) == 1, EVP_PKEY_fromdata_init(maker) == 1,
      EVP_PKEY_fromdata(maker, &copy, ssmp_EVP_PKEY_KEYPAIR, parameters) == 1, let copy
    else { throw TLSError.take() }
    return PrivateKey(owning: copy)
  }

  /// True when it is the key of `certificate`.
  public func fits(_ certificate: Certificate) -> Bool {
    defer { ERR_clear_error() }
    return X509_check_private_key(certificate.x509, key) == 1
  }

  deinit {
    EVP_PKEY_free(key)
  }
}
