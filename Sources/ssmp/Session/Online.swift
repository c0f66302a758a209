// Waiting for the connection to be there again.

import SSMPClient

extension SSMPClient {
  /// Waits until the client is connected.
  ///
  /// - Throws: what has ended the client, or `CancellationError`.
  func becomeOnline() async throws {
    for await state in states {
      switch state {
      case .online: return
      case .offline(let error, next: nil): throw error
      case .closed: throw SSMPError.closed
      case .connecting, .offline, .contested: continue
      }
    }
    throw CancellationError()
  }
}
