// Text from elsewhere, made safe.

import Testing

@testable import CommandLineTools

@Suite("Printable text")
struct PrintableTextTests {
  @Test("Control characters and line separators are made visible, so that one line stays one line")
  func printable() {
    #expect("a\nb\r\t\u{7f}".printable == "a\\u{a}b\\u{d}\\u{9}\\u{7f}")
    #expect("\u{1b}[2J \u{9b}2J \u{85}".printable == "\\u{1b}[2J \\u{9b}2J \\u{85}")
    #expect("\u{2028}\u{2029}".printable == "\\u{2028}\\u{2029}")
    #expect("é 🦊 'quoted'".printable == "é 🦊 'quoted'")
  }

  @Test("A text of more than 256 bytes is clipped to its first 64 characters")
  func clipped() {
    let longest = String(repeating: "x", count: 256)
    #expect(longest.clipped == longest)
    #expect((longest + "x").clipped == String(repeating: "x", count: 64) + "...")
    #expect(String(repeating: "é", count: 129).clipped == String(repeating: "é", count: 64) + "...")
  }

  @Test("Bytes are escaped but for printable ASCII, and so are quotes and backslashes")
  func escaped() {
    #expect(String(escaping: Array("plain text".utf8)) == "plain text")
    #expect(String(escaping: Array("\"\\\n".utf8)) == "\\\"\\\\\\x0a")
    #expect(String(escaping: [0, 31, 127, 128, 255]) == "\\x00\\x1f\\x7f\\x80\\xff")
  }
}

@Suite("Logged values")
struct LoggedValueTests {
  @Test(
    "A plain word is logged as it is, everything else in quotes",
    arguments: [
      ("gateway/7", "gateway/7"), ("a=b", "a=b"), ("", "\"\""), ("a b", "\"a b\""), ("a\"b", "\"a\\\"b\""),
      ("a\\", "\"a\\\\\""), ("a\nb", "\"a\\\\u{a}b\""), ("é", "\"é\""), ("\u{1b}[2J", "\"\\\\u{1b}[2J\""),
      ("a\u{202e}b", "\"a\\\\u{202e}b\""),
    ])
  func logged(_ text: String, _ expected: String) {
    #expect(text.logged == expected)
  }

  @Test("Free text is in quotes always")
  func quoted() {
    #expect("CN=pump".quoted == "\"CN=pump\"")
    #expect("CN=\" id=x".quoted == "\"CN=\\\" id=x\"")
  }
}
