// A connection that has a thread of its own, which may wait.

import Glibc

/// Calls on a non-blocking socket that wait for it. Event loops never do; threads that serve one connection each may.
public struct PatientSocket: Sendable {
  /// The socket; it belongs to whoever made this value.
  public let descriptor: Int32

  /// Calls on this socket.
  public init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Sends all of `bytes`; false when the peer is gone, or takes nothing for so long.
  public func send(_ bytes: [UInt8], patience milliseconds: UInt32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let result = unsafe bytes.withUnsafeBytes {
        unsafe Socket.send(descriptor, UnsafeRawBufferPointer(rebasing: $0[sent...]))
      }
      switch result {
      case .bytes(let count): sent += count
      case .wouldBlock: guard Self.wait(writing: descriptor, milliseconds: milliseconds) != 0 else { return false }
      case .ended, .failed: return false
      }
    }
    return true
  }

  /// Reads what has come, up to `limit` bytes, without waiting.
  public func receive(upTo limit: Int) -> (Transfer, [UInt8]) {
    var result = Transfer.wouldBlock
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      result = transfer(retrying { unsafe recv(descriptor, buffer.baseAddress, limit, 0) })
      if case .bytes(let received) = result { count = received }
    }
    return (result, bytes)
  }

  /// Waits until one of the descriptors can be read from, or `writing` be written to.
  ///
  /// - Parameter milliseconds: the longest wait; `nil` means for ever.
  /// - Returns: one bit for each that is ready, in the order of `reading`, and behind them that of `writing`; an end and an
  ///   error are ready, too.
  public static func wait(reading: [Int32] = [], writing: Int32? = nil, milliseconds: UInt32?) -> UInt64 {
    var all = reading.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    if let writing { all.append(pollfd(fd: writing, events: Int16(POLLOUT), revents: 0)) }
    let limit = milliseconds.map { Int32(clamping: $0) } ?? -1
    guard retrying({ unsafe poll(&all, nfds_t(all.count), limit) }) > 0 else { return 0 }
    return all.indices.reduce(0) { all[$1].revents == 0 ? $0 : $0 | 1 << UInt64($1) }
  }
}
