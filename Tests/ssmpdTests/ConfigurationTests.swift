// The settings as a whole.

import CommandLineTools
import SSMPCore
import Testing

@testable import ssmpd

@Suite("Configuration")
struct ConfigurationTests {
  private func configuration(_ arguments: String...) throws -> Configuration {
    try Configuration(arguments: arguments)
  }

  private func fault(_ arguments: String...) throws -> String {
    let configuration = try Configuration(arguments: arguments)
    return try #require(throws: ConfigurationError.self) { try configuration.validate() }.description
  }

  @Test("One listener and one scheme are enough")
  func smallest() throws {
    try configuration("--listen", "unix:/s", "--open").validate()
    try configuration("--listen", "unix:/s", "--secret-file", "/secret").validate()
    try configuration("--listen", "unix:/s?auth=open").validate()
  }

  @Test("Without a listener it is TLS on port 8787 of all addresses")
  func noListener() throws {
    #expect(try configuration("--open").listeners == [.standard])
    try configuration("--cert", "/c", "--key", "/k", "--cacert", "/a").validate()
  }

  @Test("TLS needs a certificate, its key and authorities (Client certificate), and says which of them is missing")
  func tlsFiles() throws {
    let reason = "none is given, and 'tls://*:8787' speaks TLS; give"
    #expect(try fault() == "--cert: \(reason) --cert FILE with the server's certificate")
    #expect(try fault("--cert", "/c") == "--key: \(reason) --key FILE with its private key")
    #expect(
      try fault("--cert", "/c", "--key", "/k")
        == "--cacert: \(reason) --cacert FILE with the certificates of the clients' authorities")
    let all = try configuration("--cert", "/c", "--key", "/k", "--cacert", "/a", "--crl", "/r")
    #expect(try all.tlsFiles() == TLSFiles(certificate: "/c", key: "/k", authorities: "/a", revocations: "/r"))
  }

  @Test(
    "A file for TLS where no listener speaks it is a mistake",
    arguments: ["--cert", "--key", "--cacert", "--crl", "--ticket-keys"])
  func uselessFiles(option: String) throws {
    #expect(
      try fault("--listen", "unix:/s", "--open", option, "/file")
        == "\(option): no listener speaks TLS; give --listen tls://ADDRESS:PORT, or leave it out")
  }

  @Test("A listener without a scheme is refused, also when others have one (Open login)")
  func noScheme() throws {
    let reason = "has no authentication scheme; give --secret-file FILE or --open"
    #expect(try fault("--listen", "unix:/s") == "--listen: 'unix:/s' \(reason)")
    #expect(try fault("--listen", "unix:/a?auth=open", "--listen", "unix:/b") == "--listen: 'unix:/b' \(reason)")
  }

  @Test("A listener that offers secret needs a secret file")
  func noSecret() throws {
    #expect(
      try fault("--listen", "unix:/s?auth=secret,open", "--open")
        == "--listen: 'unix:/s?auth=secret,open' offers secret, but there is none; give --secret-file FILE")
  }

  @Test("All connections together may leave at least as much unread as one")
  func totalPending() throws {
    let arguments = ["--listen", "unix:/s", "--open", "--max-pending", "2MiB", "--max-total-pending"]
    try Configuration(arguments: arguments + ["2MiB"]).validate()
    let less = try Configuration(arguments: arguments + ["1MiB"])
    let error = try #require(throws: ConfigurationError.self) { try less.validate() }
    #expect(
      error.description
        == "--max-total-pending: '1MiB' is not accepted; give at least --max-pending, which is 2MiB")
  }

  @Test("A listener offers what its ?auth= names, or else all that is enabled")
  func schemes() throws {
    let both = try configuration("--open", "--secret-file", "/secret")
    #expect(both.schemes(of: try ListenSetting("unix:/s")) == SchemeSet([.secret, .open]))
    #expect(both.schemes(of: try ListenSetting("unix:/s?auth=open")) == SchemeSet([.open]))
    #expect(try configuration("--open").schemes(of: try ListenSetting("unix:/s")) == SchemeSet([.open]))
    #expect(try configuration("--secret-file", "/x").schemes(of: try ListenSetting("unix:/s")) == SchemeSet([.secret]))
    #expect(try configuration().schemes(of: try ListenSetting("unix:/s")) == SchemeSet([]))
    #expect(both.schemes(of: try ListenSetting("tls://*:1")) == SchemeSet([.cert, .secret, .open]))
    #expect(try configuration().schemes(of: try ListenSetting("tls://*:1")) == SchemeSet([.cert]))
  }

  @Test("Marks and limits of the running server follow from the settings, the soft mark well below the hard one")
  func settings() throws {
    for size in ["64KiB", "1MiB", "1GiB"] {
      let settings = Settings(try configuration("--max-pending", size))
      #expect(settings.hardMark == Units.bytes(size))
      #expect(settings.softMark <= settings.hardMark / 4)
      #expect(settings.lowMark > 0 && settings.lowMark < settings.softMark)
      let limits = settings.registryLimits
      #expect(settings.softMark + 2 * (limits.fanOutBytes + limits.clientBytes) <= settings.hardMark)
    }
    #expect(Settings(try configuration("--ping-interval", "1ms")).touchResolution == 0)
  }
}
