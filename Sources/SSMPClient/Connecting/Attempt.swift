// An attempt to get online.

import SSMPTransport

/// What is known of the attempt that is being made.
struct Attempt {
  /// A socket that connects.
  struct Runner {
    let descriptor: Int32
    let token: UInt64
    let address: SocketAddress
  }

  /// Which one it is, for what comes back late from other threads.
  var number: UInt64 = 0
  /// How many there were since the client was online, this one included.
  var count = 0
  /// The server's place in the list.
  var server = 0
  /// When it is given up.
  var deadline: UInt64 = 0
  /// What has been found out, by the thread that may wait; taken by the I/O thread.
  var result: Result<Preparation, SSMPError>?
  var preparation: Preparation?
  var race: AddressRace<SocketAddress>?
  var runners: [Runner] = []
  /// Why the last address could not be connected to.
  var lastFailure = "it has no address"
  /// Why a server of this round cannot be used, however often it is tried.
  var finalError: SSMPError?
  /// True if a server of this round may be there later.
  var mayGoOn = false
  /// By server, what its next connection resumes.
  var sessions: [ServerAddress: Resumable] = [:]

  /// A TLS session, and what it was made with: with a renewed certificate a new one is made.
  struct Resumable {
    let session: TLSClientSession
    let context: TLSClientContext
  }

  /// The session that a connection with these settings resumes.
  func session(for preparation: Preparation) -> TLSClientSession? {
    guard let server = preparation.server, let known = sessions[server], known.context === preparation.tls
    else { return nil }
    return known.session
  }

  /// Closes the sockets that connect, but for that of the winner.
  mutating func endRace(_ loop: IOLoop, winner: UInt64? = nil) {
    for runner in runners where runner.token != winner {
      loop.forget(runner.token)
      Socket.close(runner.descriptor)
    }
    runners = []
    race = nil
  }
}
