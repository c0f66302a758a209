// Reading PEM.

import COpenSSL

/// Text with one or more objects between BEGIN and END lines.
enum PEM {
  /// Reads all objects of a kind with `next`; there has to be one at least.
  ///
  /// OpenSSL passes over what it does not take for the beginning of such an object. Here each block counts: one that would
  /// be passed over is an error, because its authority, or its revocations, would be missing without a word.
  ///
  /// - Parameters:
  ///   - name: what is read, for messages.
  ///   - labels: what its blocks are called.
  ///   - isAllowed: whether a block of another kind may stand beside them, by its label.
  ///   - next: reads one, and returns who owns it: those before a faulty one are given back.
  static func readAll<Owner>(
    _ text: [UInt8], of name: String, labels: Set<String>, beside isAllowed: (String) -> Bool,
    next: (OpaquePointer) -> Owner?
  ) throws(TLSError) -> [Owner] {
    let blocks: [PEMBlock]
    do throws(TLSError) {
      blocks = try PEMBlock.all(in: text)
    } catch {
      throw TLSError("holds a \(name) that cannot be read: \(error)")
    }
    if let other = blocks.first(where: { !labels.contains($0.label) && !isAllowed($0.label) }) {
      throw TLSError("has on line \(other.line) a block '\(other.label)', which nobody would read; take it out")
    }
    var objects: [Owner] = []
    var failure: TLSError?
    unsafe withBIO(text) { bio in
      ERR_clear_error()
      while let object = unsafe next(bio) { objects.append(object) }
      let isAtEnd = ssmp_ERR_is_no_start_line(ERR_peek_last_error()) != 0
      failure = isAtEnd ? nil : TLSError.take()
      ERR_clear_error()
    }
    if let failure { throw TLSError("holds a \(name) that cannot be read: \(failure)") }
    guard !objects.isEmpty else { throw TLSError("holds no \(name) in PEM form") }
    let count = blocks.count { labels.contains($0.label) }
    guard objects.count == count else {
      throw TLSError("holds \(count) blocks, of which OpenSSL reads \(objects.count) as a \(name)")
    }
    return objects
  }

  /// Calls `body` with a BIO from which the text can be read.
  static func withBIO(_ text: [UInt8], _ body: (OpaquePointer) -> Void) {
    unsafe text.withUnsafeBytes { bytes in
      let bio = unsafe allocated(BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)))
      unsafe body(bio)
      unsafe BIO_free(bio)
    }
  }
}
