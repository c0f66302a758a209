// A TLS stream, call by call.

import Foundation
import SSMPTransport
import TLSHarness
import Testing

@Suite("TLS stream")
struct TLSStreamTests {
  /// Waits until the kernel has so many bytes for the server.
  private func wait(for count: Int, _ pair: TLSPair) throws {
    let deadline = Date() + 20
    while pair.waiting < count {
      try #require(Date() < deadline, "\(pair.waiting) bytes came")
      usleep(1000)
    }
  }

  @Test("A call takes what has come, over several records, and says that nothing is left")
  func receivesAll() throws {
    let pair = try TLSPair()
    for word in ["one\n", "two\n", "three\n"] { pair.client.send(word) }
    try wait(for: 3 * 25, pair)
    #expect(pair.receive().text == "one\ntwo\nthree\n")
    #expect(!pair.stream.mayHaveMore)
    #expect(pair.receive().result == .wouldBlock)
    #expect(!pair.stream.mayHaveMore)
  }

  @Test("What has come since OpenSSL has read on ahead is not forgotten")
  func cameMeanwhile() throws {
    let pair = try TLSPair()
    pair.client.isHolding = true
    pair.client.send("one\n")
    pair.client.send("two\n")
    pair.client.release()
    try wait(for: 2 * 25, pair)
    #expect(pair.receive(upTo: 4).text == "one\n")
    #expect(pair.waiting == 0 && pair.stream.mayHaveMore)
    // The poller tells of this before the rest of the first two is read.
    pair.client.send("three\n")
    try wait(for: 25, pair)
    #expect(pair.receive().text == "two\nthree\n")
    #expect(!pair.stream.mayHaveMore)
  }

  @Test("A part of a record is waited for, and not asked for again and again")
  func partOfARecord() throws {
    let pair = try TLSPair()
    pair.client.isHolding = true
    pair.client.send("whole\n")
    pair.client.release()
    pair.client.sendRaw([0x17, 3, 3, 0, 40, 1, 2, 3])
    try wait(for: 8, pair)
    var text = ""
    while text.isEmpty { text = pair.receive().text }
    #expect(text == "whole\n")
    while case .bytes = pair.receive().result {}
    #expect(!pair.stream.mayHaveMore)
    // What it holds meanwhile is accounted for.
    #expect(pair.stream.buffered > 16 << 10)
  }

  @Test("The end that comes with the last text is noticed, though nothing else will tell of it")
  func endWithText() throws {
    let pair = try TLSPair()
    pair.client.isHolding = true
    pair.client.send("last words\n")
    pair.client.closeNotify()
    pair.client.release()
    try wait(for: 40, pair)
    #expect(pair.receive().text == "last words\n")
    #expect(pair.stream.mayHaveMore)
    #expect(pair.receive().result == .ended)
  }

  @Test("A flood of key updates ends a call long before it ends by itself")
  func keyUpdates() throws {
    let pair = try TLSPair()
    pair.client.isHolding = true
    for _ in 0..<4000 { pair.client.requestKeyUpdate() }
    pair.client.send("at last\n")
    pair.client.release()
    try wait(for: 64 << 10, pair)
    let before = pair.waiting
    #expect(pair.receive().result == .wouldBlock)
    #expect(pair.stream.mayHaveMore)
    #expect(before - pair.waiting <= 20 << 10)
    var text = ""
    while text.isEmpty, pair.stream.mayHaveMore { text = pair.receive().text }
    #expect(text == "at last\n")
  }

  @Test("What the kernel does not take is offered again in full, and arrives once")
  func unfinished() throws {
    let pair = try TLSPair()
    let text = String(repeating: "x", count: TLSStream.recordSize - 1) + "\n"
    var records = 0
    while true {
      let result = pair.send(text)
      if result == .wouldBlock { break }
      try #require(result == .bytes(TLSStream.recordSize))
      records += 1
      try #require(records < 10_000)
    }
    #expect(pair.stream.unfinished == TLSStream.recordSize)
    #expect(pair.stream.wantsOutput)
    for _ in 0..<records { try #require(try pair.client.line() == text) }
    #expect(pair.send(text) == .bytes(TLSStream.recordSize))
    #expect(pair.stream.unfinished == 0)
    #expect(try pair.client.line() == text)
  }

  @Test("An alert that the kernel does not take at first is sent when it does")
  func lateClosing() throws {
    let pair = try TLSPair()
    // Filled with small records, until not even one of them is taken.
    while pair.send("x\n") != .wouldBlock {}
    _ = try pair.client.line()
    var ended = false
    let deadline = Date() + 20
    while !ended {
      try #require(Date() < deadline)
      while pair.stream.unfinished > 0, pair.send("x\n") == .wouldBlock { _ = try pair.client.line() }
      ended = pair.stream.endOutput()
      if !ended { _ = try pair.client.line() }
    }
    shutdown(pair.descriptor, Int32(SHUT_WR))
    _ = pair.client.readAll()
    #expect(pair.client.hasReceivedCloseNotify)
  }

  @Test("A certificate is kept beyond the login in its short form, and has the same names")
  func certificate() throws {
    var options = CertificateOptions.device("pump")
    options.alternativeNames = [.ip("10.0.0.7")]
    let pair = try TLSPair { try $0.issue(options) }
    #expect(pair.stream.hasCertificate)
    #expect(pair.stream.names(in: .common)?.common == [Array("pump".utf8)])
    #expect(pair.stream.names(in: .common)?.alternative == [Array("10.0.0.7".utf8)])
    pair.client.send("still there\n")
    try wait(for: 20, pair)
    #expect(pair.receive().text == "still there\n")
  }
}
