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
  private static let limit = 8

  /// Runs `body` as soon as one of the threads is free.
  static func run(_ body: @escaping @Sendable () -> Void) {
    let needsThread = work.withLock { work in
      work.waiting.append(body)
      guard work.threads < limit else { return false }
      work.threads += 1
      return true
    }
    guard needsThread else { return }
    guard let thread = try? Thread(named: "ssmp-prepare", { serve() }) else {
      // Without a thread of its own it is done here: late is better than never.
      return serve()
    }
    thread.detach()
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
