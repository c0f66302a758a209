// The editor of the console: bytes in, edits and the text on the screen out.

import Testing

@testable import ssmp

@Suite("Line editor")
struct LineEditorTests {
  /// Types bytes into a new editor; returns it and what came of the keys, but for plain edits.
  private func type(_ text: String) -> (editor: LineEditor, outcomes: [LineEditor.Outcome]) {
    var keys = KeyDecoder()
    var editor = LineEditor()
    var outcomes: [LineEditor.Outcome] = []
    for key in keys.decode(Array(text.utf8)) {
      let outcome = editor.press(key)
      if outcome != .edited { outcomes.append(outcome) }
    }
    return (editor, outcomes)
  }

  private func line(_ text: String) -> String {
    let editor = type(text).editor
    return String(editor.text[..<editor.cursor]) + "|" + String(editor.text[editor.cursor...])
  }

  @Test(
    "Keys edit the line",
    arguments: [
      ("hello", "hello|"), ("hello\u{7f}", "hell|"), ("\u{8}a", "a|"), ("ab\u{1b}[Dx", "ax|b"),
      ("ab\u{2}\u{2}x", "x|ab"),
      ("ab\u{1}x", "x|ab"), ("ab\u{1}\u{5}x", "abx|"),
      ("ab\u{1}\u{4}", "|b"), ("ab\u{1}\u{1b}[3~", "|b"), ("one two\u{17}", "one |"), ("one two \u{17}", "one |"),
      ("one two\u{1b}b\u{15}", "|two"), ("one two\u{1b}[1;5D\u{b}", "one |"), ("one\u{1b}[H\u{1b}f two", "one two|"),
      ("a\u{1b}OH\u{1b}OFb", "ab|"), ("\u{6}\u{1b}[Ca", "a|"), ("a\tb", "a\tb|"), ("x\u{1b}[200~y", "xy|"),
    ])
  func edits(typed: String, result: String) { #expect(line(typed) == result) }

  @Test("A character is one, however many bytes and scalars it has")
  func characters() {
    #expect(line("é→😀\u{7f}\u{7f}") == "é|")
    #expect(line("e\u{301}x\u{1b}[D\u{7f}") == "|x")
    #expect(line("👨\u{200d}👩\u{200d}👧\u{7f}") == "|")
  }

  @Test("Bytes may come one by one, and malformed ones are left out")
  func decoding() {
    var keys = KeyDecoder()
    var found: [Key] = []
    for byte in [0xe2, 0x86, 0x92, 0x1b, 0x5b, 0x31, 0x3b, 0x35, 0x43, 0xff, 0xc3, 0x61, 0xed, 0xa0, 0x80, 0x0d]
      as [UInt8]
    {
      found += keys.decode([byte])
    }
    #expect(found == [.character("→"), .wordRight, .character("a"), .enter])
  }

  @Test("Any bytes can be typed")
  func anything() {
    for _ in 0..<200 {
      var keys = KeyDecoder()
      var editor = LineEditor()
      let bytes = (0..<200).map { _ in UInt8.random(in: 0...255) }
      for key in keys.decode(bytes) {
        _ = editor.press(key)
        #expect((0...editor.text.count).contains(editor.cursor))
      }
      let line = EditLine(editor, prompt: "amy> ", columns: 20)
      #expect(Columns.width(line.text) < 20 && line.column < 20)
      #expect(!line.text.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }
  }

  @Test("The history goes back and forth, and keeps the line that is not entered yet")
  func history() {
    #expect(type("one\rtwo\rtwo\r").outcomes == [.entered("one"), .entered("two"), .entered("two")])
    let two = "one\rtwo\r"
    #expect(line(two + "\u{10}") == "two|")
    #expect(line(two + "draft\u{1b}[A\u{1b}[A") == "one|")
    #expect(line(two + "draft\u{1b}[A\u{1b}[A\u{1b}[A\u{1b}[B\u{1b}[B\u{1b}[B") == "draft|")
    #expect(line(two + "two\r\u{10}\u{10}") == "one|")
    #expect(type(two + "\u{10}!\r").outcomes.last == .entered("two!"))
  }

  @Test("Ctrl-C discards a line, and tells of an empty one; Ctrl-D ends at an empty one")
  func control() {
    let first = type("abc\u{3}\u{3}\u{4}\u{1a}\u{c}")
    #expect(
      first.outcomes == [.interrupted(isEmpty: false), .interrupted(isEmpty: true), .ended, .suspended, .cleared])
    #expect(first.editor.text.isEmpty)
  }

  @Test("What is shown fits into a line of the terminal, and has the cursor in it")
  func shown() {
    let short = EditLine(type("hello\u{1b}[D").editor, prompt: "> ", columns: 40)
    #expect(short.text == "> hello" && short.column == 6)
    #expect(short.drawing == "\r> hello\u{1b}[K\r\u{1b}[6C")
    let long = EditLine(type(String(repeating: "0123456789", count: 5)).editor, prompt: "> ", columns: 12)
    #expect(long.text == "> 123456789" && long.column == 11)
    let left = EditLine(type(String(repeating: "0123456789", count: 5) + "\u{1}").editor, prompt: "> ", columns: 12)
    #expect(left.text == "> 012345678" && left.column == 2)
    let wide = EditLine(type("日本語").editor, prompt: "> ", columns: 80)
    #expect(wide.column == 8)
    // A prompt that leaves no room gives way, and control characters are visible.
    let prompt = String(repeating: "p", count: 40) + "> "
    #expect(EditLine(type("a\tb").editor, prompt: prompt, columns: 45).text == "> a\\u{9}b")
  }
}
