// The names and the lines of ssmp fs.

import CommandLineTools
import Glibc
import SSMPClient
import Testing

@testable import ssmp

@Suite("ssmp fs: names and lines")
struct DirectoryTextTests {
  private let characters = Array("abcXYZ019.:@/_-+=~...//--")

  @Test("Each identifier has a name of its own, which stays where it is")
  func names() throws {
    let expected: [(ID, String)] = [
      ("bob", "bob"), (".", "%2E"), ("..", "%2E%2E"), ("...x", "%2E%2E%2Ex"), ("a.b", "a.b"),
      ("../../x", "%2E%2E%2F..%2Fx"),
      ("/", "%2F"), ("/etc/passwd", "%2Fetc%2Fpasswd"), ("-rf", "%2Drf"), ("a-b", "a-b"), ("~root", "~root"),
      (".-", "%2E-"),
    ]
    for (id, name) in expected {
      #expect(PathName.encode(id) == name)
      #expect(PathName.decode(name) == id)
    }
    for name in ["", ".", "..", ".x", "-x", "a b", "a/b", "%", "%2", "%2f", "%41", "a%2E", "a%2D", "%2E%2", "é", "\n"] {
      #expect(PathName.decode(name) == nil, "\(name)")
    }
    for _ in 0..<2000 {
      let id = try ID(
        String((0..<Int.random(in: 1...64)).map { _ in characters[Int.random(in: 0..<characters.count)] }))
      let name = PathName.encode(id)
      #expect(PathName.decode(name) == id)
      #expect(!name.contains("/") && !name.hasPrefix(".") && !name.hasPrefix("-") && name.utf8.count <= 192)
    }
  }

  @Test("Lines tell messages from notices, and have no end within")
  func lines() {
    let time = Timestamp(seconds: 0)
    #expect(
      LogLine.message("bob", Array(#"a\b"#.utf8), at: time) == Array("1970-01-01T00:00:00.000Z bob a\\\\b\n".utf8))
    #expect(LogLine.notice("gone", at: time) == Array("1970-01-01T00:00:00.000Z # gone\n".utf8))
  }

  @Test(
    "Escapes",
    arguments: [
      ("plain  text ", "plain  text "), ("a\nb\tc\r", #"a\nb\tc\r"#), (#"\n"#, #"\\n"#), ("\u{1b}[1m", #"\0033[1m"#),
      ("\0", #"\0000"#), ("\u{7f}", #"\0177"#), ("é👩‍🚀", "é👩‍🚀"), ("\u{202e}x", #"\0342\0200\0256x"#),
      ("\u{85}", #"\0302\0205"#), ("\u{2028}", #"\0342\0200\0250"#),
    ])
  func escapes(text: String, expected: String) {
    #expect(LogLine.escaped(Array(text.utf8)) == expected)
  }

  @Test("Any bytes can be read back as `printf %b` reads them")
  func anyBytes() {
    #expect(LogLine.escaped([0x41, 0xff, 0x0a]) == #"A\0377\n"#)
    for round in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...40)).map { _ in UInt8.random(in: 0...(round % 2 == 0 ? 255 : 127)) }
      let text = LogLine.escaped(bytes)
      #expect(!text.utf8.contains { $0 < 32 || $0 == 127 })
      #expect(read(text) == bytes)
    }
  }

  /// What `printf %b` makes of a text.
  private func read(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
        bytes.append(byte)
        continue
      }
      switch letter {
      case UInt8(ascii: "n"): bytes.append(10)
      case UInt8(ascii: "r"): bytes.append(13)
      case UInt8(ascii: "t"): bytes.append(9)
      case UInt8(ascii: "0"):
        bytes.append(rest.prefix(3).reduce(0) { $0 &* 8 &+ ($1 - 48) })
        rest = rest.dropFirst(3)
      default: bytes.append(letter)
      }
    }
    return bytes
  }

  @Test("What is said too often is counted")
  func throttle() {
    var throttle = Throttle(burst: 2, interval: 100, now: 1000)
    let answers = [1000, 1001, 1002, 1099, 1100, 1150, 2000, 2000, 2000].map { throttle.admit(now: $0) }
    #expect(answers == [0, 0, nil, nil, 2, nil, 1, 0, nil])
  }

  @Test("Changes of directories as the system writes them")
  func changes() {
    func record(_ number: UInt32, _ mask: UInt32, _ name: [UInt8]) -> [UInt8] {
      [number, mask, 0, UInt32(name.count)].flatMap { word in (0..<4).map { UInt8(word >> ($0 * 8) & 255) } } + name
    }
    let bytes =
      record(1, UInt32(IN_CREATE), Array("bob\0\0\0\0\0".utf8)) + record(2, UInt32(IN_DELETE), Array("x\0\0\0".utf8))
      + record(.max, UInt32(IN_Q_OVERFLOW), []) + record(1, UInt32(IN_IGNORED), [])
    #expect(DirectoryChanges.changes(in: bytes) == [.name(1, "bob"), .name(2, "x"), .many])
    for length in 0..<bytes.count { #expect(DirectoryChanges.changes(in: Array(bytes[..<length])).count <= 3) }
  }

  // MARK: Requests

  @Test("An answer of the client that was asked is written as a whole, once")
  func answers() {
    var pending = PendingRequests()
    let tags = [
      pending.note("?what is this", to: .peer("bob")), pending.note("?abcdefgh list", to: .peer("bob"), now: 0),
      pending.note("?ijklmnop list", to: .broadcast, now: 0),
    ]
    #expect(tags == [nil, "abcdefgh", nil])
    let part = pending.take("+abcdefgh one", from: "bob", now: 1)
    #expect(part == .incomplete)
    let foreign = pending.take("!abcdefgh 200 forged", from: "eve", now: 1)
    #expect(foreign == nil)
    let answer = pending.take("!abcdefgh 200 done\\", from: "bob", now: 1)
    #expect(answer == .whole(.peer("bob"), tag: "abcdefgh", Array("200 done\\\\\n+ one\n".utf8)))
    let second = pending.take("!abcdefgh 200", from: "bob", now: 1)
    #expect(second == nil)
  }

  @Test("All clients may answer a request to a topic")
  func manyAnswers() throws {
    var pending = PendingRequests()
    pending.note("?abcdefgh stats", to: .topic("svc/x"), now: 0)
    for id: ID in ["a", "b"] {
      let answer = pending.take(try Payload(binary: Array("!abcdefgh 200\nload".utf8)), from: id, now: 1)
      #expect(answer == .line(.topic("svc/x"), tag: "abcdefgh", Array("\(id) 200 \\nload\n".utf8)))
    }
  }

  @Test("Requests that nobody answers are forgotten")
  func forgotten() throws {
    var pending = PendingRequests()
    for number in 0..<(2 * PendingRequests.most) {
      pending.note(try Payload("?tag\(100_000 + number) x"), to: .peer("bob"), now: UInt64(number))
    }
    #expect(pending.count == PendingRequests.most)
    let refusal = pending.refuse(
      try Payload("?tag\(100_000 + 2 * PendingRequests.most - 1) x"), to: .peer("bob"), "404")
    #expect(
      refusal == .whole(.peer("bob"), tag: try ID("tag\(100_000 + 2 * PendingRequests.most - 1)"), Array("404\n".utf8)))
    let late = pending.take(
      try Payload("!tag\(100_000 + 2 * PendingRequests.most - 2) 200"), from: "bob", now: PendingRequests.patience * 2)
    #expect(late == nil)
  }
}
