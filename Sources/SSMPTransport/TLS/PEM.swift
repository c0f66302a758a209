// Reading PEM.

import COpenSSL

/// Text with one or more objects between BEGIN and END lines.
enum PEM {
  /// Reads with `next` until there are no more objects; at least one has to be there.
  ///
  /// - Parameter name: what is read, for messages.
  static func readAll(
    _ text: [UInt8], of name: String, next: (OpaquePointer) -> OpaquePointer?
  ) throws(TLSError) -> [OpaquePointer] {
    var objects: [OpaquePointer] = []
    var failure: TLSError?
    withBIO(text) { bio in
      ERR_clear_error()
      while let object = next(bio) { objects.append(object) }
      let isAtEnd = ssmp_ERR_is_no_start_line(ERR_peek_last_error()) != 0
      failure = isAtEnd ? nil : TLSError.take()
      ERR_clear_error()
    }
    if let failure { throw TLSError("holds a \(name) that cannot be read: \(failure)") }
    guard !objects.isEmpty else { throw TLSError("holds no \(name) in PEM form") }
    return objects
  }

  /// Calls `body` with a BIO from which the text can be read.
  static func withBIO(_ text: [UInt8], _ body: (OpaquePointer) -> Void) {
    text.withUnsafeBytes { bytes in
      let bio = allocated(BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)))
      body(bio)
      BIO_free(bio)
    }
  }
}
