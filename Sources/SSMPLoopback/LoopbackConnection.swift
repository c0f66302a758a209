// One connection within the process.

import SSMPClient
import SSMPCore

/// A connection: the client's end of it, and what the server knows of it.
final class LoopbackConnection: MemoryConnection, @unchecked Sendable {
  // Safe to share: all that can change is used under the server's lock.
  private let core: LoopbackCore
  /// Gives bytes to the client; `nil` is the end. It takes the client's lock, which the client may
  /// hold when it sends, so it is called without any lock.
  let receive: @Sendable ([UInt8]?) -> Void

  /// Its place in the registry; `nil` until the server has accepted it.
  var client: ClientID?
  var session: Session
  /// What the client has sent and what was not served yet.
  var input: [UInt8] = []
  /// What the client is to be given after the job in progress.
  var output: [UInt8] = []
  /// True if `output`, or the end, is to be given.
  var isTouched = false
  /// True while it waits for a `resume` delivery.
  var isHeld = false
  /// True when the server knows it no more.
  var isOver = false
  /// True when the client is to be told of the end, behind `output`.
  var owesEnd = false

  init(_ core: LoopbackCore, _ session: Session, _ receive: @escaping @Sendable ([UInt8]?) -> Void) {
    self.core = core
    self.session = session
    self.receive = receive
  }

  func send(_ bytes: [UInt8]) { core.add(.input(self, bytes)) }

  func close() { core.add(.close(self)) }
}
