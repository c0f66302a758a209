// Threads that wait for each other, and for their peers.

import Glibc
import Testing

@testable import SSMPTransport

@Suite("Waiting")
struct WaitingTests {
  @Test("What one thread gives another one gets, whoever comes first, and the first value counts")
  func handover() throws {
    let early = Handover<Int>()
    early.give(1)
    early.give(2)
    #expect(early.wait(milliseconds: 0) == 1)
    let late = Handover<Int>()
    let thread = try Thread { late.give(3) }
    #expect(late.wait(milliseconds: 20_000) == 3)
    thread.join()
  }

  @Test("Nobody waits longer than asked for what is never given")
  func timeout() {
    let watch = Stopwatch()
    #expect(Handover<Int>().wait(milliseconds: 30) == nil)
    #expect(watch.microseconds >= 30_000)
  }

  @Test("A patient socket sends all to whoever reads, and gives up on who does not")
  func patience() throws {
    var pair: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
    try #require(socketpair(AF_UNIX, kind, 0, &pair) == 0)
    let (one, other) = (pair[0], pair[1])
    defer { close(one) }
    let bytes = [UInt8](repeating: 7, count: 4 << 20)
    let reader = try Thread {
      var count = 0
      while count < bytes.count {
        _ = PatientSocket.wait(reading: [other], milliseconds: 20_000)
        count += PatientSocket(other).receive(upTo: 1 << 16).1.count
      }
    }
    #expect(PatientSocket(one).send(bytes, patience: 20_000))
    reader.join()
    #expect(!PatientSocket(one).send(bytes, patience: 20))
    close(other)
    #expect(!PatientSocket(one).send([1], patience: 20_000))
  }

  @Test("Waiting tells which of several are ready")
  func readiness() throws {
    let first = try Wakeup()
    let second = try Wakeup()
    #expect(PatientSocket.wait(reading: [first.descriptor, second.descriptor], milliseconds: 0) == 0)
    second.signal()
    #expect(PatientSocket.wait(reading: [first.descriptor, second.descriptor], milliseconds: nil) == 2)
    first.signal()
    #expect(PatientSocket.wait(reading: [first.descriptor, second.descriptor], milliseconds: nil) == 3)
  }
}
