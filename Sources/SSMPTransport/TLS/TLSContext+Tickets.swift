// What happens to a session ticket.

import COpenSSL

extension TLSContext {
  /// Where a context of OpenSSL's refers to its ticket keys.
  static let ticketKeysIndex: Int32 = 0

  // Safe to share: an algorithm that has been fetched never changes.
  private nonisolated(unsafe) static let cipher = allocated(EVP_CIPHER_fetch(nil, "AES-256-CBC", nil))

  /// Sets up encryption and authentication of a ticket that is made, or that a client has brought.
  ///
  /// - Returns: 1 when that was done; 0 when the ticket's key is not known (any more), so that a full handshake follows; -1
  ///   when it failed.
  static func prepareTicket(
    _ ssl: OpaquePointer?, _ name: UnsafeMutablePointer<UInt8>?, _ iv: UnsafeMutablePointer<UInt8>?,
    _ encryption: OpaquePointer?, _ authentication: OpaquePointer?, isNew: Bool
  ) -> Int32 {
    guard let name, let iv, let raw = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), ticketKeysIndex) else { return -1 }
    let keys = Unmanaged<TicketKeys>.fromOpaque(raw).takeUnretainedValue()
    if isNew {
      let key = keys.current()
      guard RAND_bytes(iv, EVP_MAX_IV_LENGTH) == 1 else { return -1 }
      for (index, byte) in key.name.enumerated() { name[index] = byte }
      guard EVP_EncryptInit_ex2(encryption, cipher, key.cipher, iv, nil) == 1 else { return -1 }
      return authenticate(authentication, key) ? 1 : -1
    }
    guard let key = keys.find(UnsafeBufferPointer(start: name, count: TicketKey.nameLength)) else { return 0 }
    guard EVP_DecryptInit_ex2(encryption, cipher, key.cipher, iv, nil) == 1 else { return -1 }
    return authenticate(authentication, key) ? 1 : -1
  }

  private static func authenticate(_ context: OpaquePointer?, _ key: TicketKey) -> Bool {
    ssmp_EVP_MAC_CTX_set_hmac_sha256(context, key.mac, key.mac.count) == 1
  }

  /// Puts into a new ticket what it has to hold of the chain by which the client's certificate was verified. A session that
  /// was resumed has that already.
  static func completeTicket(_ ssl: OpaquePointer?) -> Int32 {
    guard let raw = SSL_get_ex_data(ssl, TLSStream.stateIndex) else { return 0 }
    let chain = raw.assumingMemoryBound(to: TLSStream.State.self).pointee.chain.bytes
    guard chain.count > 0 else { return 1 }
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), chain.baseAddress, chain.count)
  }

  /// Whether a ticket may be used. One of whose certificates one has expired meanwhile may not: the full handshake that follows
  /// refuses that certificate.
  static func judge(
    _ status: SSL_TICKET_STATUS, _ session: OpaquePointer?, _ trust: TrustStore
  ) -> SSL_TICKET_RETURN {
    guard status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW else {
      return status == SSL_TICKET_EMPTY || status == SSL_TICKET_NO_DECRYPT
        ? SSL_TICKET_RETURN_IGNORE_RENEW : SSL_TICKET_RETURN_ABORT
    }
    if SSL_SESSION_get0_peer(session) != nil {
      guard let chain = chain(of: session), !chain.hasExpired else { return SSL_TICKET_RETURN_IGNORE_RENEW }
      // Nobody else could have put them there: the ticket is authenticated.
      for der in chain.intermediates {
        if let certificate = der.withUnsafeBytes(Certificate.init(der:)) { trust.intermediates.remember(certificate) }
      }
    }
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
  }

  private static func chain(of session: OpaquePointer?) -> VerifiedChain? {
    var data: UnsafeMutableRawPointer?
    var count = 0
    guard SSL_SESSION_get0_ticket_appdata(session, &data, &count) == 1 else { return nil }
    return VerifiedChain(UnsafeRawBufferPointer(start: data, count: count))
  }
}
