// Waiting for descriptors, wake-ups and signals.

import Glibc
import Testing

@testable import SSMPTransport

@Suite("Poller")
struct PollerTests {
  /// The events of one wait, which returns at once or when something happens.
  private func wait(_ poller: borrowing Poller, milliseconds: UInt32? = 0) -> [PollEvent] {
    var events: [PollEvent] = []
    for number in 0..<poller.wait(milliseconds: milliseconds) { events.append(poller.event(number)) }
    return events
  }

  @Test("A socket that is added is writable at first, and then silent until something comes: edges, not levels")
  func edges() throws {
    let pair = try SocketPair()
    let poller = try Poller()
    try poller.add(pair.one, token: 0xfedc_ba98_7654_3210)
    let first = wait(poller)
    #expect(first.map(\.token) == [0xfedc_ba98_7654_3210])
    #expect(first.allSatisfy { $0.isWritable && !$0.isReadable && !$0.mayReadShort })
    #expect(wait(poller).isEmpty)
    pair.sendFromOther([1])
    #expect(wait(poller).map(\.isReadable) == [true])
    #expect(wait(poller).isEmpty)
    pair.sendFromOther([2])
    #expect(wait(poller).map(\.isReadable) == [true])
  }

  @Test("A socket added for levels is reported as long as there is something to read")
  func levels() throws {
    let pair = try SocketPair()
    let poller = try Poller()
    try poller.addLevelTriggered(pair.one, token: 7)
    #expect(wait(poller).isEmpty)
    pair.sendFromOther([1])
    #expect(wait(poller).map(\.token) == [7])
    #expect(wait(poller).map(\.token) == [7])
    #expect(Socket.discard(pair.one, upTo: 10) == .bytes(1))
    #expect(wait(poller).isEmpty)
  }

  @Test("A peer that has shut its side, or has gone, is to be read to the end")
  func ends() throws {
    let pair = try SocketPair()
    let poller = try Poller()
    try poller.add(pair.one, token: 1)
    _ = wait(poller)
    Socket.endOutput(pair.other)
    let shut = wait(poller)
    #expect(shut.map(\.isReadable) == [true])
    #expect(shut.map(\.mayReadShort) == [true])
    // It can still be sent to.
    #expect(shut.map(\.isHalfClosed) == [true])
    #expect(shut.map(\.hasHungUp) == [false])
    pair.closeOther()
    let gone = wait(poller)
    #expect(gone.map(\.mayReadShort) == [true])
    #expect(gone.map(\.hasHungUp) == [true])
  }

  @Test("A descriptor that is removed, or closed, is reported no more")
  func removed() throws {
    let pair = try SocketPair()
    let poller = try Poller()
    try poller.addLevelTriggered(pair.one, token: 1)
    pair.sendFromOther([1])
    #expect(wait(poller).count == 1)
    poller.remove(pair.one)
    #expect(wait(poller).isEmpty)
  }

  @Test("What cannot be watched is an error that names the call")
  func refuses() throws {
    let poller = try Poller()
    let error = try #require(throws: SystemError.self) { try poller.add(-1, token: 0) }
    #expect(error.call.description == "epoll_ctl")
    #expect(error.code == EBADF)
  }

  @Test("A wait of some milliseconds returns without events after them")
  func timeout() throws {
    let poller = try Poller()
    let start = Ticks.now()
    #expect(poller.wait(milliseconds: 30) == 0)
    #expect(Ticks.now().since(start) >= 20)
  }

  @Test("More descriptors than one wait reports are all reported by several")
  func manyDescriptors() throws {
    let poller = try Poller()
    var pairs: [SocketPair] = []
    let count = Poller.batch + 20
    for number in 0..<count {
      let pair = try SocketPair()
      try poller.add(pair.one, token: UInt64(number))
      pairs.append(pair)
    }
    var tokens: [UInt64] = []
    while tokens.count < count {
      let events = wait(poller)
      guard !events.isEmpty else { break }
      #expect(events.count <= Poller.batch)
      tokens += events.map(\.token)
    }
    #expect(tokens.sorted() == (0..<UInt64(count)).map { $0 })
    #expect(pairs.count == count)
  }

  @Test("A wake-up ends a wait from another thread; several are one, and none is left when it is cleared")
  func wakeup() throws {
    let poller = try Poller()
    let wakeup = try Wakeup()
    try poller.addLevelTriggered(wakeup.descriptor, token: 3)
    #expect(wait(poller).isEmpty)
    let thread = try Thread {
      wakeup.signal()
      wakeup.signal()
    }
    #expect(wait(poller, milliseconds: nil).map(\.token) == [3])
    thread.join()
    wakeup.clear()
    #expect(wait(poller).isEmpty)
    wakeup.clear()
    wakeup.signal()
    #expect(wait(poller).map(\.token) == [3])
    close(wakeup.descriptor)
  }

  @Test("Signals of its thread come as readable events, each once")
  func signals() throws {
    // On a thread of its own, so that no other one's signals are blocked.
    let done = try Wakeup()
    let thread = try Thread {
      guard let source = try? SignalSource([SIGUSR2, SIGWINCH]) else { return }
      guard source.next() == nil else { return }
      pthread_kill(pthread_self(), SIGUSR2)
      guard source.next()?.number == SIGUSR2, source.next() == nil else { return }
      pthread_kill(pthread_self(), SIGWINCH)
      pthread_kill(pthread_self(), SIGUSR2)
      let both = Set([source.next()?.number, source.next()?.number])
      guard both == [SIGUSR2, SIGWINCH], source.next() == nil else { return }
      close(source.descriptor)
      done.signal()
    }
    thread.join()
    let poller = try Poller()
    try poller.addLevelTriggered(done.descriptor, token: 1)
    #expect(wait(poller).count == 1)
    close(done.descriptor)
  }
}
