// The files that the server under test reads.

import Glibc
import CertificateHarness

/// Writes a file and puts it into its place at once, as the documentation tells operators to.
func replaceFile(_ path: String, _ text: String) throws {
  let new = path + ".new"
  let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  guard descriptor != -1 else { throw SoakError("\(new): \(String(cString: strerror(errno)))") }
  defer { close(descriptor) }
  let bytes = Array(text.utf8)
  guard write(descriptor, bytes, bytes.count) == bytes.count, rename(new, path) == 0 else {
    throw SoakError("\(path): \(String(cString: strerror(errno)))")
  }
}

/// Something that is no finding, but keeps the run from going on.
struct SoakError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// A folder with the server's files, each of them good or broken as the run wants it.
struct ServerFiles {
  let folder: String
  let authority: TestCertificate
  let server: TestCertificate
  /// A certificate that reloads revoke and allow again.
  let revocable: TestCertificate
  let groups: Int
  let loops: Int
  /// In seconds. A PING wakes its loop, and so hides a wake-up that was lost: most servers send none.
  var pingInterval = 600
  /// In milliseconds.
  var loginTimeout = 20_000

  /// The name in the certificate that can be revoked.
  static let revocableName = "bystander/revocable"

  init(folder: String, groups: Int, loops: Int) throws {
    (self.folder, self.groups, self.loops) = (folder, groups, loops)
    authority = try TestCertificate.authority("soak authority")
    server = try authority.server()
    revocable = try authority.device(Self.revocableName)
    try replaceFile(path("authority.pem"), authority.certificatePEM)
    try writeConfiguration()
    try writeAccess(allowingRevocable: true)
    try writeCertificate(server)
    try writeRevocations([])
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// - Parameters:
  ///   - pingInterval: in seconds; what a reload may change.
  ///   - extra: more lines.
  func writeConfiguration(pingInterval: Int? = nil, extra: String = "") throws {
    try replaceFile(
      path("ssmpd.conf"),
      """
      listen systemd+tcp:plain?auth=open
      listen systemd+tls:tls?auth=cert,open
      listen systemd+unix:local?auth=open
      cert \(path("server.pem"))
      key \(path("server.key"))
      cacert \(path("authority.pem"))
      crl \(path("revoked.pem"))
      access \(path("access"))
      admin \(path("admin.sock"))
      loops \(loops)
      log-level info
      login-timeout \(loginTimeout)ms
      ping-interval \(pingInterval ?? self.pingInterval)s
      pong-timeout 10s
      write-timeout 5s
      drain 700ms
      max-pending 256KiB
      max-total-pending 16MiB
      max-subscriptions \(SoakLimits().subscriptions)
      max-failed-logins 0
      max-waiting-per-address 0
      \(extra)

      """)
  }

  func writeAccess(allowingRevocable: Bool, extra: String = "") throws {
    let groups = (0..<groups).map { "allow g\($0)/ login\n" }.joined()
    try replaceFile(
      path("access"),
      """
      \(groups)allow bystander/ login
      \(allowingRevocable ? "" : "# ")allow revocable/ login
      allow * publish,subscribe,presence shared/
      allow * unicast *
      allow * broadcast
      allow . login open
      allow . publish shared/
      allow . unicast *
      \(extra)

      """)
  }

  func writeCertificate(_ certificate: TestCertificate) throws {
    try replaceFile(path("server.key"), certificate.keyPEM)
    try replaceFile(path("server.pem"), certificate.certificatePEM)
  }

  func writeRevocations(_ revoked: [TestCertificate]) throws {
    try replaceFile(path("revoked.pem"), try authority.revocationList(revoking: revoked))
  }
}
