// How OpenSSL reads from and writes to a socket.

import COpenSSL
import CEpoll
import Glibc

/// A BIO over a non-blocking socket.
///
/// Beyond what OpenSSL's own does, it never raises SIGPIPE, and it remembers whether the last read has emptied the socket,
/// which saves the call that would only say so.
enum SocketBIO {
  /// What the BIO knows. It lies in the state of its stream, which outlives it.
  struct Socket: BitwiseCopyable {
    let descriptor: Int32
    /// The last read has come back short, or empty.
    var isDrained = false
    /// The last read has come back empty.
    var isBlocked = false
    /// Nothing more is read: what came is not to be answered.
    var isBarred = false
    /// The peer has shut its side.
    var hasEnded = false
    /// What the last call that failed left in `errno`; 0 when none has.
    var error: Int32 = 0
  }

  /// A BIO for the socket at `socket`, which must stay valid as long as the BIO is used.
  static func make(_ socket: UnsafeMutablePointer<Socket>) -> OpaquePointer {
    let bio = allocated(BIO_new(method))
    BIO_set_data(bio, socket)
    return bio
  }

  // Safe to share: it is complete before it is used for the first time, and never changes.
  private nonisolated(unsafe) static let method: OpaquePointer = {
    let method = allocated(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket"))
    BIO_meth_set_create(method) { bio in
      BIO_set_init(bio, 1)
      return 1
    }
    BIO_meth_set_read(method) { bio, target, count in SocketBIO.read(bio, target, count) }
    BIO_meth_set_write(method) { bio, source, count in SocketBIO.write(bio, source, count) }
    BIO_meth_set_ctrl(method) { bio, command, _, _ in SocketBIO.control(bio, command) }
    return method
  }()

  private static func socket(of bio: OpaquePointer?) -> UnsafeMutablePointer<Socket>? {
    BIO_get_data(bio)?.assumingMemoryBound(to: Socket.self)
  }

  private static func read(_ bio: OpaquePointer?, _ target: UnsafeMutablePointer<CChar>?, _ count: Int32) -> Int32 {
    guard let socket = socket(of: bio) else { return -1 }
    ssmp_BIO_clear_retry(bio)
    guard !socket.pointee.isBarred else {
      socket.pointee.error = EPROTO
      return -1
    }
    let result = retrying { recv(socket.pointee.descriptor, target, Int(count), 0) }
    socket.pointee.isDrained = result < Int(count)
    switch transfer(result) {
    case .bytes: break
    case .ended: socket.pointee.hasEnded = true
    case .wouldBlock:
      socket.pointee.isBlocked = true
      ssmp_BIO_retry_read(bio)
    case .failed(let code): socket.pointee.error = code
    }
    return Int32(result)
  }

  private static func write(_ bio: OpaquePointer?, _ source: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
    guard let socket = socket(of: bio) else { return -1 }
    ssmp_BIO_clear_retry(bio)
    let result = retrying { send(socket.pointee.descriptor, source, Int(count), Int32(MSG_NOSIGNAL)) }
    switch transfer(result) {
    case .bytes, .ended: break
    case .wouldBlock: ssmp_BIO_retry_write(bio)
    case .failed(let code): socket.pointee.error = code
    }
    return Int32(result)
  }

  private static func control(_ bio: OpaquePointer?, _ command: Int32) -> Int {
    switch command {
    case BIO_CTRL_FLUSH: 1
    case BIO_CTRL_EOF: socket(of: bio)?.pointee.hasEnded == true ? 1 : 0
    default: 0
    }
  }
}
