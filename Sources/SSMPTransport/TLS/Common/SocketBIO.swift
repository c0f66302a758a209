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
    let bio = unsafe allocated(BIO_new(method))
    unsafe BIO_set_data(bio, socket)
    return unsafe bio
  }

  // Safe to share: it is complete before it is used for the first time, and never changes.
  private nonisolated(unsafe) static let method: OpaquePointer = {
    let method = unsafe allocated(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket"))
    unsafe BIO_meth_set_create(method) { bio in
      unsafe BIO_set_init(bio, 1)
      return 1
    }
    unsafe BIO_meth_set_read(method) { bio, target, count in unsafe SocketBIO.read(bio, target, count) }
    unsafe BIO_meth_set_write(method) { bio, source, count in unsafe SocketBIO.write(bio, source, count) }
    unsafe BIO_meth_set_ctrl(method) { bio, command, _, _ in unsafe SocketBIO.control(bio, command) }
    return unsafe method
  }()

  private static func socket(of bio: OpaquePointer?) -> UnsafeMutablePointer<Socket>? {
    unsafe BIO_get_data(bio)?.assumingMemoryBound(to: Socket.self)
  }

  private static func read(_ bio: OpaquePointer?, _ target: UnsafeMutablePointer<CChar>?, _ count: Int32) -> Int32 {
    guard let socket = unsafe socket(of: bio) else { return -1 }
    unsafe ssmp_BIO_clear_retry(bio)
    guard unsafe !socket.pointee.isBarred else {
      unsafe socket.pointee.error = EPROTO
      return -1
    }
    let result = retrying { unsafe recv(socket.pointee.descriptor, target, Int(count), 0) }
    unsafe socket.pointee.isDrained = result < Int(count)
    switch transfer(result) {
    case .bytes: break
    case .ended: unsafe socket.pointee.hasEnded = true
    case .wouldBlock:
      unsafe socket.pointee.isBlocked = true
      unsafe ssmp_BIO_retry_read(bio)
    case .failed(let code): unsafe socket.pointee.error = code
    }
    return Int32(result)
  }

  private static func write(_ bio: OpaquePointer?, _ source: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
    guard let socket = unsafe socket(of: bio) else { return -1 }
    unsafe ssmp_BIO_clear_retry(bio)
    let result = retrying { unsafe send(socket.pointee.descriptor, source, Int(count), Int32(MSG_NOSIGNAL)) }
    switch transfer(result) {
    case .bytes, .ended: break
    case .wouldBlock: unsafe ssmp_BIO_retry_write(bio)
    case .failed(let code): unsafe socket.pointee.error = code
    }
    return Int32(result)
  }

  private static func control(_ bio: OpaquePointer?, _ command: Int32) -> Int {
    switch command {
    case BIO_CTRL_FLUSH: 1
    case BIO_CTRL_EOF: unsafe socket(of: bio)?.pointee.hasEnded == true ? 1 : 0
    default: 0
    }
  }
}
