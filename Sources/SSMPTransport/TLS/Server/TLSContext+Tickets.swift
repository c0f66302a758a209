// What happens to a session ticket.

import COpenSSL

extension TLSContext {
  /// Sets up encryption and authentication of a ticket that is made, or that a client has brought.
  ///
  /// - Returns: 1 when that was done; 0 when the ticket's key is not known (any more), so that a full handshake follows; -1
  ///   when it failed.
  static func prepareTicket(
    _ ssl: OpaquePointer?, _ name: UnsafeMutablePointer<UInt8>?, _ iv: UnsafeMutablePointer<UInt8>?,
    _ encryption: OpaquePointer?, _ authentication: OpaquePointer?, isNew: Bool
  ) -> Int32 {
    guard let name = unsafe name, let iv = unsafe iv, let context = unsafe TLSStream(of: ssl)?.context else {
      return -1
    }
    let (keys, library) = (context.tickets, context.library)
    if isNew {
      let key = keys.current()
      guard unsafe RAND_bytes_ex(library.context, iv, Int(EVP_MAX_IV_LENGTH), 0) == 1 else { return -1 }
      for (index, byte) in key.name.enumerated() { unsafe name[index] = byte }
      guard unsafe EVP_EncryptInit_ex2(encryption, library.ticketCipher, key.cipher, iv, nil) == 1 else { return -1 }
      return unsafe authenticate(authentication, key) ? 1 : -1
    }
    guard let key = unsafe keys.find(UnsafeBufferPointer(start: name, count: TicketKey.nameLength)) else { return 0 }
    guard unsafe EVP_DecryptInit_ex2(encryption, library.ticketCipher, key.cipher, iv, nil) == 1 else { return -1 }
    return unsafe authenticate(authentication, key) ? 1 : -1
  }

  private static func authenticate(_ context: OpaquePointer?, _ key: TicketKey) -> Bool {
    unsafe ssmp_EVP_MAC_CTX_set_hmac_sha256(context, key.mac, key.mac.count) == 1
  }

  /// Puts into a new ticket what the session has to remember: with the certificate 44 KiB at most, of the 64 KiB that a ticket
  /// may have.
  static func completeTicket(_ ssl: OpaquePointer?) -> Int32 {
    guard let stream = unsafe TLSStream(of: ssl) else { return 0 }
    let session = unsafe SSL_get_session(ssl)
    var record = stream.record ?? SessionRecord()
    // What the client is told of the time that its ticket has.
    unsafe SSL_SESSION_set_timeout(session, Int(record.remaining))
    // Where OpenSSL puts the certificate into the ticket, it is not in it twice.
    if unsafe SSL_SESSION_get0_peer(session) != nil { record.certificate = [] }
    // Without records of the client only the end and the authorities go with its session: OpenSSL knows neither.
    if !stream.usesRecords { (record.certificate, record.names) = ([], SubjectNames()) }
    let bytes = record.encoded
    return unsafe SSL_SESSION_set1_ticket_appdata(session, bytes, bytes.count)
  }

  /// Whether a ticket may be used. One whose time is over may not: the full handshake that follows finds out why.
  static func judge(
    _ status: SSL_TICKET_STATUS, _ session: OpaquePointer?, _ trust: TrustStore
  ) -> SSL_TICKET_RETURN {
    guard status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW else {
      return status == SSL_TICKET_EMPTY || status == SSL_TICKET_NO_DECRYPT
        ? SSL_TICKET_RETURN_IGNORE_RENEW : SSL_TICKET_RETURN_ABORT
    }
    guard let record = unsafe SessionRecord(of: session), !record.hasEnded else {
      return SSL_TICKET_RETURN_IGNORE_RENEW
    }
    // Nobody else could have put them there: the ticket is authenticated.
    for authority in record.intermediates { trust.intermediates.remember(authority) }
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
  }
}

extension SessionRecord {
  /// The record in the ticket of a session that is resumed; `nil` when there is none.
  init?(of session: OpaquePointer?) {
    var data: UnsafeMutableRawPointer?
    var count = 0
    guard unsafe SSL_SESSION_get0_ticket_appdata(session, &data, &count) == 1 else { return nil }
    unsafe self.init(UnsafeRawBufferPointer(start: data, count: count))
  }
}
