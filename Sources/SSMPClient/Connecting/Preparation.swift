// What has to be known before a connection is made.

import SSMPTransport

/// All that an attempt needs and that may have to be waited for: addresses, files, the credential.
struct Preparation: Sendable {
  /// `nil` for a server within the process.
  let server: ServerAddress?
  let addresses: [SocketAddress]
  /// `nil` without TLS.
  let tls: TLSClientContext?
  let credential: Payload?

  /// The same without anything that has to be waited for; `nil` if something has to.
  static func immediate(_ configuration: Configuration, _ server: ServerAddress?) -> Preparation? {
    guard configuration.login.credential == nil, let server, !server.usesTLS, let address = Resolver.written(server)
    else {
      return nil
    }
    return Preparation(server: server, addresses: [address], tls: nil, credential: nil)
  }

  /// Finds all that out. It may take seconds, so it is called on a thread that may wait.
  ///
  /// - Parameter server: `nil` for a server within the process.
  static func make(_ configuration: Configuration, _ server: ServerAddress?) throws(SSMPError) -> Preparation {
    let credential = try configuration.login.credential?.payload()
    guard let server else { return Preparation(server: nil, addresses: [], tls: nil, credential: credential) }
    let context = server.usesTLS ? try TLSMaterial.context(configuration.tls) : nil
    return Preparation(
      server: server, addresses: try Resolver.addresses(of: server), tls: context, credential: credential)
  }
}
