// Digests.

import COpenSSL

/// Fingerprints of bytes.
public enum Digest {
  /// The SHA-256 of `bytes`: 32 bytes.
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var count = 0
    let result = unsafe EVP_Q_digest(nil, "SHA256", nil, bytes, bytes.count, &digest, &count)
    precondition(result == 1 && count == 32, "no SHA-256")
    return digest
  }
}
