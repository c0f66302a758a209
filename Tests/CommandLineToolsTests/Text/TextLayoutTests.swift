// Text in columns.

import Testing

@testable import CommandLineTools

@Suite("Text layout")
struct TextLayoutTests {
  @Test("Words are wrapped at the last blank that fits, and a longer word has a line of its own")
  func wrapped() {
    #expect(TextLayout.wrapped("one two  three\nfour", 8) == ["one two", "three", "four"])
    #expect(TextLayout.wrapped("a incomprehensible b", 4) == ["a", "incomprehensible", "b"])
    #expect(TextLayout.wrapped("", 4) == [])
  }

  @Test("A row has the name and the meaning side by side, and goes on below the meaning")
  func row() {
    #expect(TextLayout.row("--x", "what it does", 5, 80) == "  --x    what it does\n")
    #expect(TextLayout.row("--x", "what it does", 5, 17) == "  --x    what it\n         does\n")
  }

  @Test("Padding never cuts a text")
  func padded() {
    #expect(TextLayout.padded("ab", 4) == "ab  " && TextLayout.rightAligned("ab", 4) == "  ab")
    #expect(TextLayout.padded("abc", 2) == "abc" && TextLayout.rightAligned("abc", 2) == "abc")
  }
}
