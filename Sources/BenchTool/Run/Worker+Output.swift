// Bytes to the server.

import SSMPCore
import SSMPTransport

extension Worker {
  /// Sends the output to a connection, and keeps what the kernel does not take.
  mutating func flushOutput(to slot: Int) {
    let bytes = UnsafeRawBufferPointer(start: output.base, count: output.count)
    if peers[slot].backlog.isEmpty {
      let taken = transmit(bytes, to: slot)
      if taken < bytes.count { peers[slot].backlog.append(UnsafeRawBufferPointer(rebasing: bytes[taken...])) }
    } else {
      peers[slot].backlog.append(bytes)
    }
    output.removeAll(keepingCapacityUpTo: 1 << 22)
  }

  /// Goes on with what the kernel has not taken; a sender may send again when that was all.
  mutating func flushBacklog(of slot: Int) {
    guard !peers[slot].backlog.isEmpty else { return }
    let taken = transmit(peers[slot].backlog.bytes, to: slot)
    peers[slot].backlog.removeFirst(taken)
    if peers[slot].backlog.isEmpty, peers[slot].sender >= 0 { become(candidate: Int(peers[slot].sender)) }
  }

  /// Sends as much as the kernel takes, and returns how much that was.
  private mutating func transmit(_ bytes: UnsafeRawBufferPointer, to slot: Int) -> Int {
    var taken = 0
    while taken < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[taken...])
      let result = send(rest, to: peers[slot])
      switch result {
      case .bytes(let count): taken += count
      case .wouldBlock, .ended: return taken
      case .failed(let code):
        failEnded(slot, SystemError("send", code: code).reason)
        return taken
      }
    }
    return taken
  }

  private func send(_ bytes: UnsafeRawBufferPointer, to peer: Peer) -> Transfer {
    guard let stream = peer.tls else { return Socket.send(peer.descriptor, bytes) }
    // What was offered has to be offered again, in full.
    let count = stream.unfinished > 0 ? stream.unfinished : min(bytes.count, TLSStream.recordSize)
    return stream.send(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
  }
}
