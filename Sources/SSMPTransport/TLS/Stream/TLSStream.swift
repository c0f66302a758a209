// One connection's TLS.

import Containers
import COpenSSL

/// One side of a TLS connection over a non-blocking socket: eight bytes for whoever holds it.
///
/// It is a plain value so that it can lie in a table of connections. Invariants: `state` belongs to this value and its
/// copies, which one thread uses; `release` is called once, before the descriptor is closed, and no copy is used after that.
@safe
public struct TLSStream: BitwiseCopyable {
  @safe
  struct State: BitwiseCopyable {
    var socket: SocketBIO.Socket
    let ssl: OpaquePointer
    /// Retained as long as OpenSSL may call back into it.
    var context: Unmanaged<TLSContext>?
    /// What a write has offered that OpenSSL has not finished sending: it must be offered again, in full.
    var offered = 0
    var isEstablished = false
    var isResumed = false
    /// What of `buffered` has been accounted for.
    var accounted = 0
    /// The peer has said that it is done, or the connection is broken.
    var hasStopped = false
    /// A call has failed for good: OpenSSL forbids `SSL_shutdown` then (SSL_get_error(3), `SSL_ERROR_SSL` and
    /// `SSL_ERROR_SYSCALL`).
    var hasFailed = false
    /// What OpenSSL has noted about the call that failed for good; 0 when none has.
    var failureCode: UInt = 0
    /// The client has said that it can use tickets (TLS 1.3).
    var takesTickets = false
    /// The alert that says that nothing more will be sent is on its way.
    var isClosing = false
    /// The last read has ended behind a record without text, of which there may be more in OpenSSL's buffers.
    var isBetweenRecords = false
    /// The last call could not write.
    var wantsOutput = false
    /// What the handshake has found out about a client, as `SessionRecord` encodes it; empty on the client's side, and
    /// on the server's until there is something to know.
    var record = OwnedBytes()
    var hasCertificate = false
    /// The certificate that was refused, retained for the log, and why; `nil` when none was.
    var refused: Unmanaged<Certificate>?
    var refusal: TrustStore.Refusal?
  }

  let state: UnsafeMutablePointer<State>

  /// A stream that awaits the handshake of a client on `descriptor`.
  public init(_ descriptor: Int32, _ context: TLSContext) {
    unsafe self.init(descriptor, made: context.context)
    unsafe state.pointee.context = unsafe .passRetained(context)
    unsafe SSL_set_accept_state(state.pointee.ssl)
  }

  /// A stream that begins the handshake with a server on `descriptor`, a socket that is connected.
  ///
  /// - Parameter session: one of an earlier connection to the same server, which is resumed if the server still takes it
  ///   (`isResumed`); a full handshake follows if it does not.
  /// - Parameter host: the name or the IP address that the server's certificate must be valid for; `nil` for any. A name is
  ///   sent to the server as well (RFC 6066, section 3).
  public init(
    _ descriptor: Int32, _ context: TLSClientContext, host: String? = nil, resuming session: TLSClientSession? = nil
  ) {
    unsafe self.init(descriptor, made: context.context)
    unsafe SSL_set_connect_state(state.pointee.ssl)
    if let host { expect(host) }
    guard let session else { return }
    // It fails for a session that this context would not have made; then the handshake is a full one.
    withExtendedLifetime(session) { _ = unsafe SSL_set_session(state.pointee.ssl, session.session) }
    ERR_clear_error()
  }

  private init(_ descriptor: Int32, made context: OpaquePointer) {
    ERR_clear_error()
    let ssl = unsafe allocated(SSL_new(context))
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: State(socket: SocketBIO.Socket(descriptor: descriptor), ssl: ssl))
    let bio = unsafe state.pointer(to: \.socket).map(SocketBIO.make)
    unsafe SSL_set_bio(ssl, bio, bio)
    unsafe SSL_set_ex_data(ssl, Self.stateIndex, state)
    barRenegotiation()
  }

  /// The stream whose connection of OpenSSL's this is.
  init?(of ssl: OpaquePointer?) {
    guard let raw = unsafe SSL_get_ex_data(ssl, Self.stateIndex) else { return nil }
    unsafe state = unsafe raw.assumingMemoryBound(to: State.self)
  }

  /// Where a connection of OpenSSL's refers to the state of its stream.
  private static let stateIndex: Int32 = 0

  /// What the stream's connection was made with, as long as OpenSSL may call back into it.
  var context: TLSContext? { unsafe state.pointee.context?.takeUnretainedValue() }

  /// Gives everything back. The peer is told that nothing more will come, if it has not been yet and the kernel takes it.
  public func release() {
    _ = endOutput()
    unsafe SSL_free(state.pointee.ssl)
    unsafe state.pointee.context?.release()
    unsafe state.pointee.record.release()
    forgetRefused()
    unsafe state.deallocate()
    ERR_clear_error()
  }

  /// True when the peer has presented a certificate, which has verified.
  public var hasCertificate: Bool { unsafe state.pointee.hasCertificate }

  /// The names in that certificate; `nil` when there is none.
  public func names(in library: TLSLibrary) -> SubjectNames? {
    guard hasCertificate, let record else { return nil }
    guard record.names.isEmpty else { return record.names }
    return certificate(in: library).map { unsafe SubjectNames(of: $0.x509) }
  }

  /// That certificate, which takes a tenth of a millisecond to decode; `nil` when there is none.
  public func certificate(in library: TLSLibrary) -> Certificate? {
    guard hasCertificate else { return nil }
    return unsafe record?.certificate.withUnsafeBytes { unsafe Certificate(der: $0, in: library) }
  }

  /// What the handshake has found out; `nil` when that is nothing yet.
  var record: SessionRecord? { unsafe SessionRecord(state.pointee.record.bytes) }

  func setRecord(_ record: SessionRecord?) {
    unsafe state.pointee.record.release()
    unsafe state.pointee.hasCertificate = record?.certificate.isEmpty == false
    unsafe record?.encoded.withUnsafeBytes { unsafe state.pointee.record.append($0) }
  }

  func forgetRefused() {
    unsafe state.pointee.refused?.release()
    unsafe state.pointee.refused = nil
  }

  /// True when the last call stopped because the kernel took no more output: worth another try when the poller says that
  /// there is room.
  public var wantsOutput: Bool { unsafe state.pointee.wantsOutput }

  /// True when the handshake has resumed an earlier session.
  public var isResumed: Bool { unsafe state.pointee.isResumed }

  /// The protocol's version and the cipher suite, as logs show them.
  public var description: String {
    let version = unsafe SSL_get_version(state.pointee.ssl).map { unsafe String(cString: $0) } ?? "-"
    let cipher =
      unsafe SSL_CIPHER_get_name(SSL_get_current_cipher(state.pointee.ssl)).map { unsafe String(cString: $0) } ?? "-"
    return "version=\(version) cipher=\(cipher)"
  }

  /// About what the stream holds of memory that its peer can make it hold, in bytes: buffers for parts of records, and all
  /// that a handshake needs.
  public var buffered: Int {
    guard unsafe state.pointee.isEstablished else { return Self.handshakeBytes }
    return unsafe (SSL_has_pending(state.pointee.ssl) == 1 ? Self.recordBytes : 0)
      + (state.pointee.offered > 0 ? Self.recordBytes : 0)
  }

  /// By how much `buffered` has changed since this was asked for the last time.
  public func bufferedChange() -> Int {
    let before = unsafe state.pointee.accounted
    unsafe state.pointee.accounted = buffered
    return unsafe state.pointee.accounted - before
  }

  /// The part of `buffered` that has been asked for.
  public var accounted: Int { unsafe state.pointee.accounted }

  /// The largest plain text of a record (RFC 8446, section 5.1).
  public static let recordSize = 16 << 10
  /// A record with what surrounds it in OpenSSL's buffers.
  private static let recordBytes = 17 << 10
  /// What a handshake that has begun takes: as measured with peers that stop in the middle.
  private static let handshakeBytes = 48 << 10
}
