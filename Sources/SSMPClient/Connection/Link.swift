// The connection that a client has.

import Containers
import SSMPTransport

/// A socket that is connected, or a connection within the process, and what belongs to it.
///
/// Invariant: `close` is called once, by the I/O thread, and nothing is done with the value after that.
struct Link {
  let descriptor: Int32
  let token: UInt64
  var tls: TLSStream?
  let memory: (any MemoryConnection)?
  /// The beginning of a message whose end has not come.
  var kept = OwnedBytes()
  /// There may be something to read.
  var mayRead = true
  /// Reads that come back short may be followed by more: an end, of which nothing else tells.
  var readsToEnd = false
  /// Input is read though a queue has no room, because a response is owed.
  var readsOn = false
  var tracer = Tracer()
  /// Nothing more can be sent; what the server has sent is still read.
  var isBroken = false
  /// When the server accepted the login; 0 before.
  var loggedInAt: UInt64 = 0
  /// When the server was told the last time, while nothing is read, that the client is there.
  var heartbeatAt: UInt64 = 0

  /// A connected socket.
  init(_ descriptor: Int32, _ token: UInt64) {
    self.descriptor = descriptor
    self.token = token
    memory = nil
  }

  /// A connection within the process.
  init(_ memory: any MemoryConnection) {
    descriptor = -1
    token = 0
    self.memory = memory
  }

  /// What of the output TLS has taken and not sent: it cannot be taken back.
  var committed: Int { tls?.unfinished ?? 0 }

  /// Sends what the kernel takes at once; returns the number of bytes, or `nil` if nothing can be sent any more.
  func send(_ bytes: UnsafeRawBufferPointer) -> Int? {
    if let memory {
      unsafe memory.send(Array(bytes))
      return bytes.count
    }
    var taken = 0
    while taken < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[taken...])
      switch unsafe transmit(rest) {
      case .bytes(let count): taken += count
      case .wouldBlock: return taken
      case .ended, .failed: return nil
      }
    }
    return taken
  }

  private func transmit(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    guard let tls else { return unsafe Socket.send(descriptor, bytes) }
    // What was offered has to be offered again, in full.
    let count = tls.unfinished > 0 ? tls.unfinished : min(bytes.count, TLSStream.recordSize)
    return unsafe tls.send(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
  }

  /// Closes the connection.
  mutating func close(_ loop: IOLoop) {
    kept.release()
    if let memory { return memory.close() }
    loop.forget(token)
    tls?.release()
    Socket.close(descriptor)
  }
}
