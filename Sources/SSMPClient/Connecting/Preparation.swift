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

/// Threads for what may have to be waited for. They end when nothing is left to do.
///
/// There are several, since a name whose server does not answer must not keep other clients from connecting.
enum PatientThreads {
  private struct Work {
    var waiting = Fifo<@Sendable () -> Void>()
    var threads = 0
  }

  private static let work = Locked(Work())
  private static let limit = 32

  /// Runs `body` as soon as one of the threads is free.
  ///
  /// - Throws: if there is none, and the system does not let the process have one. Then `body` is not run.
  static func run(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let needsThread = work.withLock { work in
      guard work.threads < limit else {
        work.waiting.append(body)
        return false
      }
      work.threads += 1
      return true
    }
    guard needsThread else { return }
    do throws(SystemError) {
      try Thread(named: "ssmp-prepare") {
        body()
        serve()
      }.detach()
    } catch {
      work.withLock { $0.threads -= 1 }
      throw error
    }
  }

  private static func serve() {
    while let body = next() { body() }
  }

  private static func next() -> (@Sendable () -> Void)? {
    work.withLock { work in
      guard let body = work.waiting.popFirst() else {
        work.threads -= 1
        return nil
      }
      return body
    }
  }
}
