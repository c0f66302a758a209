// The buffer into which a loop reads from whatever connection it serves.

import Containers
import CEpoll
import Glibc

/// One loop's read buffer, shared by all its connections.
///
/// What a connection left over the last time is put in front, so that a request that came in pieces is whole again.
@safe
public struct InputBuffer: ~Copyable {
  /// The most bytes that one read asks for.
  public static let readSize = 64 << 10

  private let memory: UnsafeMutableRawBufferPointer
  private var count = 0

  /// An empty buffer: room for what a connection can have left over (one read, and a part of a request before it), and
  /// for one read more.
  public init() {
    unsafe memory = .allocate(byteCount: 3 * Self.readSize, alignment: 64)
  }

  deinit {
    unsafe memory.deallocate()
  }

  /// The bytes in the buffer, valid until the next change.
  public var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Replaces the content by what the connection left over, which is thereby given back.
  public mutating func load(_ kept: inout OwnedBytes) {
    count = kept.count
    precondition(count <= 2 * Self.readSize)
    unsafe memory.copyMemory(from: kept.bytes)
    kept.release()
  }

  /// Adds what can be read at once, up to `limit` bytes, of which there are no more than `readSize`. One call, one read.
  public mutating func receive(_ descriptor: Int32, atMost limit: Int = readSize) -> Transfer {
    precondition(limit <= Self.readSize)
    let target = unsafe memory.baseAddress.unsafelyUnwrapped + count
    let result = transfer(retrying { unsafe recv(descriptor, target, limit, 0) })
    if case .bytes(let received) = result { count += received }
    return result
  }

  /// The same through TLS.
  public mutating func receive(_ stream: TLSStream, atMost limit: Int = readSize) -> Transfer {
    precondition(limit <= Self.readSize)
    let result = unsafe stream.receive(into: UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + limit]))
    if case .bytes(let received) = result { count += received }
    return result
  }
}
