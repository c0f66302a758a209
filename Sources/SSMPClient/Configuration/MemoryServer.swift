// What a server without sockets and its clients know of each other.

/// A server without sockets, for tests of users.
package protocol MemoryServer: AnyObject, Sendable {
  /// Opens a connection. What the server sends is given to `receive`, an end as `nil`.
  func connect(_ receive: @escaping @Sendable ([UInt8]?) -> Void) -> any MemoryConnection
}

/// A client's end of a connection to a server without sockets.
package protocol MemoryConnection: AnyObject, Sendable {
  /// Sends bytes to the server. It returns at once; what comes back is given to `receive` later, on any thread.
  func send(_ bytes: [UInt8])
  /// Ends the connection.
  func close()
}

/// The thread on which all clients of the process read what servers have sent.
package enum ClientThread {
  /// Waits until every client that had something to send, or to read, at the time of the call has done so.
  package static func turn(isolation: isolated (any Actor)? = #isolation) async {
    // Without the thread there is no client.
    guard case .success(let thread) = IOThread.shared else { return }
    // Not a `SuspendedTask`: here the task is often resumed before it is suspended, which the thread
    // sanitizer takes for a race where the resumption is inlined.
    await withCheckedContinuation(isolation: isolation) { task in thread.call { task.resume() } }
  }
}
