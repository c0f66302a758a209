// A TLS client whose test decides what goes over the wire, and when.

@_exported import CertificateHarness
import COpenSSL
import Foundation

/// A blocking TLS connection to 127.0.0.1. Whatever is waited for is waited for only so long (`patience`).
///
/// OpenSSL works on memory; this object carries the bytes between it and the socket. One thread at a time may use it.
public final class TLSClient: @unchecked Sendable {
  /// How long anything is waited for, in milliseconds: a sanitized server on a busy machine takes its time.
  public static let patience: Int32 = ProcessInfo.processInfo.environment["SSMPD"] == nil ? 60_000 : 90_000

  let ssl: OpaquePointer
  /// What came over the socket and OpenSSL has not read, and what OpenSSL has written and was not sent; both are `ssl`'s.
  private let input: OpaquePointer
  private let output: OpaquePointer
  private let socket: ClientSocket
  private var hello: [UInt8]?
  var received = ReceivedText()

  /// Whether what OpenSSL writes is kept, until `release()`. A handshake sends what it needs to go on nonetheless, so
  /// that only its last flight, if it is the client's, can be kept.
  public var isHolding = false
  /// Whether the server has closed or reset the connection.
  public internal(set) var hasEnded = false
  /// Why TLS cannot go on: the server's alert (`tlsv1 alert unknown ca`), or what the client found wrong.
  public internal(set) var failure: TLSFailure?

  /// Connects over TCP, and sends nothing.
  ///
  /// - Parameters:
  ///   - authority: the root under which the server's certificate must be valid for `localhost`; `nil` takes any.
  ///   - certificate: the certificate to show when the server asks for one.
  ///   - chain: the intermediate certificates to be sent with it, nearest first.
  ///   - minimum: the lowest version of TLS; below `TLS1_2_VERSION`, OpenSSL's security level is 0.
  ///   - maximum: the highest version of TLS.
  ///   - session: a session to resume, if the server will.
  ///   - splitting: when given, everything is handed to the kernel in pieces of so many bytes, undelayed.
  /// - Throws: `TLSFailure` when there is no connection or OpenSSL does not take the settings.
  public init(
    port: UInt16, authority: TestCertificate? = nil, certificate: TestCertificate? = nil,
    chain: [TestCertificate] = [], minimum: Int32 = TLS1_2_VERSION, maximum: Int32 = TLS1_3_VERSION,
    session: TLSSession? = nil, splitting: Int? = nil
  ) throws {
    ERR_clear_error()
    let settings = ClientSettings(
      authority: authority, certificate: certificate, chain: chain, minimum: minimum, maximum: maximum)
    socket = try ClientSocket(port: port, splitting: splitting)
    (ssl, input, output) = try settings.connection(session: session)
  }

  deinit {
    SSL_free(ssl)
  }

  /// The first flight, which has not been sent then: that is up to the test (`sendRaw`). `handshake()` goes on behind it.
  public func clientHello() -> [UInt8] {
    if let hello { return hello }
    ERR_clear_error()
    _ = SSL_do_handshake(ssl)
    let bytes = takeOutput()
    hello = bytes
    return bytes
  }

  /// Performs the handshake to its end on this side.
  ///
  /// With TLS 1.3 that is before the server has seen the client's certificate: a refusal comes as `failure` later.
  ///
  /// - Throws: `TLSFailure` with the alert or the fault, or `closed by the server`, or that nothing came in time.
  public func handshake() throws {
    let deadline = Deadline(Self.patience)
    if hello == nil { hello = [] }
    while true {
      ERR_clear_error()
      let result = SSL_do_handshake(ssl)
      if result == 1 { break }
      let error = SSL_get_error(ssl, result)
      guard error == SSL_ERROR_WANT_READ else { throw fail("handshake") }
      sendRaw(takeOutput())
      try receiveMore(until: deadline)
    }
    flush()
  }

  private func receiveMore(until deadline: Deadline) throws {
    switch socket.receive(within: deadline.remaining) {
    case .bytes(let bytes): feed(bytes)
    case .nothing: throw TLSFailure("handshake: nothing came within \(Self.patience) ms")
    case .end:
      hasEnded = true
      throw failure ?? TLSFailure("handshake: closed by the server")
    }
  }

  /// Keeps the reason for which OpenSSL gave up, and sends the alert that it may have written.
  func fail(_ what: String) -> TLSFailure {
    let reason = failure ?? TLSFailure.fromOpenSSL(what)
    failure = reason
    sendRaw(takeOutput())
    return reason
  }

  /// Hands bytes that came over the socket to OpenSSL.
  func feed(_ bytes: [UInt8]) { BIO_write(input, bytes, Int32(bytes.count)) }

  /// Whether OpenSSL has begun with the handshake: before that, nothing that is read may make it begin.
  var hasBegun: Bool { hello != nil }

  func receive(within milliseconds: Int32) -> ClientSocket.Input { socket.receive(within: milliseconds) }

  /// Sends what OpenSSL has written, unless it is being held.
  func flush() {
    if !isHolding { sendRaw(takeOutput()) }
  }

  /// Sends what has been held, at once, and holds nothing more.
  public func release() {
    isHolding = false
    flush()
  }

  private func takeOutput() -> [UInt8] {
    let count = BIO_ctrl_pending(output)
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    let read = BIO_read(output, &bytes, Int32(count))
    return Array(bytes.prefix(max(0, Int(read))))
  }

  /// Sends bytes over the socket as they are, bypassing TLS.
  public func sendRaw(_ bytes: [UInt8]) { socket.send(bytes) }

  /// Says in TCP that nothing more will be sent; TLS is told nothing.
  public func endOutput() { socket.endOutput() }

  /// Breaks the connection: the server sees a reset.
  public func reset() {
    socket.reset()
    hasEnded = true
  }
}
