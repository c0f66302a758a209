// The text form of certificates, keys and revocation lists.

import COpenSSL

enum PEM {
  /// What `write` writes into a BIO.
  static func text(_ what: String, _ write: (OpaquePointer) -> Int32) throws -> String {
    let bio = try required(BIO_new(BIO_s_mem()), what)
    defer { BIO_free(bio) }
    try require(write(bio), what)
    var start: UnsafePointer<CChar>?
    let count = ssmp_BIO_content(bio, &start)
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    return String(decoding: bytes, as: UTF8.self)
  }
}
