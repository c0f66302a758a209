// Waiting for a connection.

import Glibc

@testable import SSMPTransport

extension ListeningSocket {
  /// The connection that has been made, or is being made; throws when there is none within some ten seconds.
  func acceptOne() throws -> AcceptedSocket {
    for _ in 0..<10_000 {
      if case .accepted(let socket) = accept() { return socket }
      usleep(1000)
    }
    throw SystemError("accept")
  }
}
