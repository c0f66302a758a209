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

  /// Waits until the client has ended; `nil` if it was closed, or the task was cancelled.
  ///
  /// - Throws: why there is no connection, and will be none.
  func awaitEnd() async throws -> ExitStatus? {
    for await state in states { if case .offline(let error, next: nil) = state { throw error } }
    return nil
  }
}
