// The keys of ssmp top.

import Testing

@testable import ssmp

@Suite("The keys of top")
struct TopStateTests {
  /// The state after these keys, and what the last of them asks for.
  private func press(_ bytes: String) -> (TopState, TopState.Action) {
    var state = TopState()
    var action = TopState.Action.none
    for key in TopKey.keys(in: Array(bytes.utf8)) { action = state.press(key) }
    return (state, action)
  }

  @Test("Keys that end it, or stop it")
  func endings() {
    #expect(press("q").1 == .quit)
    #expect(press("\u{3}").1 == .quit)
    #expect(press("/\u{3}").1 == .quit)
    #expect(press("?q").1 == .quit)
    #expect(press("\u{1a}").1 == .suspend)
    #expect(press("\u{c}").1 == .redraw)
  }

  @Test("Keys that sort")
  func sorting() {
    #expect(press("p").0.order == .pending)
    #expect(press("pS").0.topicOrder == .subscribers)
    #expect(press("P").0.topicOrder == .pending)
    #expect(press(">").0.order == .bytesIn)
    #expect(press("<").0.order == .id)
    #expect(press("\u{1b}[C\u{1b}[C").0.order == .bytesOut)
    #expect(press("\u{1b}OD").0.order == .id)
    let letters = ConnectionOrder.allCases.map(\.letter) + TopicOrder.allCases.map(\.letter)
    #expect(Set(letters).count == letters.count)
    #expect(Set(letters).isDisjoint(with: Set("q?h/t<> ")))
  }

  @Test("A filter is typed, ended, given up and removed")
  func filter() {
    #expect(press("/pump q?").0.input == "pumpq?")
    #expect(press("/pumx\u{7f}p/\r").0.filter == "pump/")
    #expect(press("/pump\r").0.query.prefix == "pump")
    #expect(press("/a\r/b\u{1b}").0.filter == "a")
    #expect(press("/a\r\u{1b}").0.filter == "")
    #expect(press("/" + String(repeating: "x", count: 99) + "\r").0.filter.count == 64)
  }

  @Test("Other keys change nothing; sequences are not taken for keys")
  func others() {
    #expect(press("z\u{1b}[5~\u{1b}[1;5Q\u{0}\u{ff}").0 == TopState())
    #expect(press(" ").0.isPaused)
    #expect(!press("  ").0.isPaused)
    #expect(press("t").0.tables == .connections && press("ttt").0.tables == .both)
    #expect(press("?").0.showsHelp && !press("?x").0.showsHelp)
  }
}
