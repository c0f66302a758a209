// What is done with a connected socket, beside reading from it.

import CEpoll
import Glibc

/// Calls on connected sockets.
public enum Socket {
  /// Sends what the kernel takes at once.
  @inline(__always)
  public static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
    transfer(retrying { unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) })
  }

  /// Reads and forgets what has come, up to `limit` bytes.
  public static func discard(_ descriptor: Int32, upTo limit: Int) -> Transfer {
    unsafe withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
      transfer(retrying { unsafe recv(descriptor, buffer.baseAddress, limit, 0) })
    }
  }

  /// Tells the peer that nothing more will come; what has been sent still arrives.
  public static func endOutput(_ descriptor: Int32) {
    _ = shutdown(descriptor, Int32(SHUT_WR))
  }

  /// The bytes that have been sent and that the peer has not acknowledged.
  public static func unsent(_ descriptor: Int32) -> Int {
    var count: Int32 = 0
    // SIOCOUTQ.
    return unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
  }

  /// Closes a descriptor. There is nothing to do about an error.
  public static func close(_ descriptor: Int32) {
    _ = Glibc.close(descriptor)
  }

  /// Sends small segments without waiting for acknowledgments, since output is gathered before it is sent; and keeps what
  /// the kernel has not sent yet small, so that it is seen at once when a peer takes less than it is given, and when it
  /// takes some again. (Without this the kernel buffers megabytes, and reports room only when a third of them is free.)
  static func sendAtOnce(_ descriptor: Int32) {
    var one: Int32 = 1
    _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    var unsent: Int32 = 128 << 10
    _ = unsafe setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &unsent, socklen_t(MemoryLayout<Int32>.size))
  }
}

/// The limit on open descriptors.
public enum DescriptorLimit {
  /// Raises the limit to what the system permits, and returns it.
  public static func raise() -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(clamping: limit.rlim_cur)
  }

  /// A descriptor kept in reserve: given up for a moment, it lets a waiting connection be accepted, and refused, when
  /// there are no others.
  public static func spare() -> Int32 {
    unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
  }
}
