// Two connected sockets.

import Glibc
import Testing

/// A pair of connected, non-blocking unix sockets, closed with this value.
final class SocketPair {
  let one: Int32
  let other: Int32

  init() throws {
    var descriptors: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    try #require(socketpair(AF_UNIX, kind, 0, &descriptors) == 0)
    one = descriptors[0]
    other = descriptors[1]
  }

  deinit {
    close(one)
    closeOther()
  }

  private var isOtherClosed = false

  /// Closes one side before the other.
  func closeOther() {
    if !isOtherClosed { close(other) }
    isOtherClosed = true
  }

  /// Sends on the other side.
  func sendFromOther(_ bytes: [UInt8]) {
    #expect(send(other, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
  }

  /// Everything that has come to the other side.
  func receiveAtOther() -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(other, &buffer, buffer.count, 0)
      guard count > 0 else { return all }
      all += buffer[..<count]
    }
  }
}
