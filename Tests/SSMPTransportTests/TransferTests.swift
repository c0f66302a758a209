// Reading and sending, and what the kernel makes of it.

import Glibc
import Testing

@testable import SSMPTransport

@Suite("Transfers")
struct TransferTests {
  private func send(_ descriptor: Int32, _ bytes: [UInt8]) -> Transfer {
    bytes.withUnsafeBytes { Socket.send(descriptor, $0) }
  }

  @Test("What the kernel takes is counted")
  func sends() throws {
    let pair = try SocketPair()
    #expect(send(pair.one, [1, 2, 3]) == .bytes(3))
    #expect(pair.receiveAtOther() == [1, 2, 3])
  }

  @Test("When the kernel takes only a part, its length is told, and then that it would block")
  func shortWrite() throws {
    let pair = try SocketPair()
    let block = [UInt8](repeating: 7, count: 4 << 20)
    guard case .bytes(let first) = send(pair.one, block) else { throw SystemError("send") }
    #expect(first > 0 && first < block.count)
    var sent = first
    while case .bytes(let more) = send(pair.one, block) { sent += more }
    #expect(send(pair.one, [1]) == .wouldBlock)
    #expect(pair.receiveAtOther().count == sent)
    #expect(send(pair.one, [1]) == .bytes(1))
  }

  @Test("Sending to a peer that has gone is an error and no signal")
  func brokenPipe() throws {
    let pair = try SocketPair()
    pair.closeOther()
    #expect(send(pair.one, [1]) == .failed(EPIPE))
  }

  @Test("Nothing to read would block, and the end is the end")
  func discards() throws {
    let pair = try SocketPair()
    #expect(Socket.discard(pair.one, upTo: 100) == .wouldBlock)
    pair.sendFromOther([1, 2, 3, 4, 5])
    #expect(Socket.discard(pair.one, upTo: 3) == .bytes(3))
    #expect(Socket.discard(pair.one, upTo: 3) == .bytes(2))
    pair.closeOther()
    #expect(Socket.discard(pair.one, upTo: 3) == .ended)
  }

  @Test("After the end of output the peer reads the end, and can still send")
  func endOutput() throws {
    let pair = try SocketPair()
    Socket.endOutput(pair.one)
    #expect(Socket.discard(pair.other, upTo: 1) == .ended)
    pair.sendFromOther([1])
    #expect(Socket.discard(pair.one, upTo: 10) == .bytes(1))
    #expect(send(pair.one, [1]) == .failed(EPIPE))
  }

  @Test("A descriptor that is no socket is an error with its code")
  func failure() {
    #expect(send(-1, [1]) == .failed(EBADF))
    #expect(Socket.discard(-1, upTo: 1) == .failed(EBADF))
  }

  @Test("A call that a signal interrupts is repeated, and one that fails otherwise is not")
  func interruption() throws {
    var calls = 0
    let result = retrying { () -> Int32 in
      calls += 1
      errno = EINTR
      return calls < 3 ? -1 : 5
    }
    #expect(result == 5 && calls == 3)
    let error = try #require(throws: SystemError.self) {
      try check("nothing") {
        calls += 1
        errno = EACCES
        return -1
      }
    }
    #expect(calls == 4)
    #expect(error.code == EACCES)
    #expect(error.description == "nothing: Permission denied")
  }

  @Test("The limit on descriptors is raised to what the system permits, and a spare one can be had")
  func descriptors() {
    var limit = rlimit()
    #expect(DescriptorLimit.raise() > 0)
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    #expect(limit.rlim_cur == limit.rlim_max)
    let spare = DescriptorLimit.spare()
    #expect(fcntl(spare, F_GETFD) == FD_CLOEXEC)
    Socket.close(spare)
  }
}
