// What ssmp top shows, and what keys do.

import Testing

@testable import ssmp

@Suite("The view of top")
struct TopViewTests {
  private func model(_ connections: [ListedConnection] = [], topics: [ListedTopic] = []) -> TopModel {
    var model = TopModel()
    var listing = TopModelTests.listing(seconds: 1, connections)
    listing.topics = topics
    listing.matchedTopics = topics.count
    model.take(TopModelTests.sample(seconds: 1, listing: listing))
    listing.nanoseconds = 2_000_000_000
    for index in listing.connections.indices { listing.connections[index].requests += index }
    model.take(TopModelTests.sample(seconds: 2, messages: 10, listing: listing))
    return model
  }

  private func text(
    _ model: TopModel, _ state: TopState = TopState(), _ columns: Int = 100, _ rows: Int = 24, view: TopView = TopView()
  ) -> [String] {
    view.lines(model, state, Terminal.Size(columns: columns, rows: rows)).map(\.text)
  }

  @Test("The lines fill any size, and none is too long")
  func sizes() {
    let model = model(
      (0..<50).map { TopModelTests.connection("client/\($0)") },
      topics: (0..<50).map { ListedTopic(name: "topic/\($0)", subscribers: $0, watchers: 0) })
    for columns in [1, 2, 10, 30, 60, 80, 81, 200, 500] {
      for rows in [1, 2, 5, 10, 24, 80] {
        for help in [false, true] {
          for tables in TopState.Tables.allCases {
            var state = TopState()
            (state.showsHelp, state.tables) = (help, tables)
            let lines = text(model, state, columns, rows)
            #expect(lines.count == rows)
            #expect(lines.allSatisfy { $0.count <= columns }, "\(columns) \(rows)")
          }
        }
      }
    }
    #expect(text(TopModel(), TopState(), 80, 24).count == 24)
  }

  @Test("Figures, sparklines, tables and hints have their places")
  func layout() {
    let lines = text(
      model(
        [TopModelTests.connection("slow", pending: 12345), TopModelTests.connection("quick")],
        topics: [ListedTopic(name: "news", subscribers: 12, watchers: 3)]))
    #expect(lines[0].hasPrefix("ssmpd 1.2.3  up 1m00s  loops busy 25%  memory 10M"))
    #expect(lines[1].hasPrefix("messages/s           20  █  max 20"))
    #expect(lines[2].hasPrefix("deliveries/s         50"))
    #expect(lines[3].hasPrefix("connections           4  ██"))
    let headings = lines.indices.filter { lines[$0].contains("REQ/S") || lines[$0].contains("SUBSCRIBERS") }
    #expect(headings.count == 2)
    #expect(lines[headings[0]].hasPrefix("CONNECTION") && lines[headings[0]].contains("*REQ/S"))
    #expect(lines[headings[0] + 1].hasPrefix("quick ") && lines[headings[0] + 2].hasPrefix("slow "))
    #expect(lines[headings[0] + 2].contains(" 12K "))
    #expect(lines[headings[1] + 1].hasPrefix("news ") && lines[headings[1] + 1].contains(" 12 "))
    #expect(lines.last?.hasPrefix("q quit") == true)
  }

  @Test("Names from elsewhere do nothing to the terminal")
  func hostile() {
    let name = "\u{1b}[2J\u{7}\u{9b}x\u{202e}é"
    let hostile = model(
      [TopModelTests.connection(name, handle: "#0.1.1")],
      topics: [ListedTopic(name: name, subscribers: 1, watchers: 0)])
    var state = TopState()
    state.filter = ""
    for line in text(hostile, state, view: TopView(path: name, problem: name, isUnicode: false)) {
      #expect(line.utf8.allSatisfy { (32...126).contains($0) }, "\(line)")
    }
  }

  @Test("Colors are left out on demand, and styles change no text")
  func colors() {
    var line = TopLine("a")
    line.add("b", .chart)
    line.add("c", .warning)
    #expect(line.terminalText(hasColor: true) == "a\u{1b}[36mb\u{1b}[0m\u{1b}[1;31mc\u{1b}[0m")
    #expect(line.terminalText(hasColor: false) == "ab\u{1b}[1mc\u{1b}[0m")
    #expect(line.clipped(to: 2).text == "ab")
  }

  @Test("What is wrong is said, and what there is stays")
  func problems() {
    let lines = text(model(), view: TopView(problem: "no server answers"))
    #expect(lines.contains("no server answers; trying again"))
    #expect(lines[0].hasPrefix("ssmpd 1.2.3"))
    var stuck = TopModel()
    var listing = TopListing()
    listing.problem = "loop 0 does not answer"
    stuck.take(TopModelTests.sample(seconds: 1, up: 0, listing: listing))
    #expect(text(stuck).contains("stuck: loop 0"))
    #expect(text(stuck).contains("no listing: loop 0 does not answer"))
  }

  @Test("Sparklines go from 0 to the maximum, and show the latest")
  func sparklines() {
    #expect(Sparkline.text([0, 1, 4, 8], 4, isUnicode: true) == " ▁▄█")
    #expect(Sparkline.text([0, 1, 4, 8], 2, isUnicode: false) == "=#")
    #expect(Sparkline.text([0, 0], 9, isUnicode: true) == "  ")
    #expect(Sparkline.text([], 9, isUnicode: true) == "")
    #expect(Sparkline.text([0.001, 1000], 9, isUnicode: true) == "▁█")
    #expect(Sparkline.text([1], -3, isUnicode: true) == "")
  }

  @Test("Figures in few columns")
  func figures() {
    let counts: [(Double, String)] = [
      (0, "0"), (0.44, "0.4"), (3, "3"), (9.94, "9.9"), (9.96, "10"), (12345.4, "12,345"), (1_234_567, "1.2M"),
      (2.5e9, "2.5G"),
    ]
    for (value, text) in counts { #expect(TopText.count(value) == text) }
    let sizes: [(Double, String)] = [
      (0, "0"), (999, "999"), (1000, "1.0K"), (12800, "13K"), (3_145_728, "3.0M"), (1e15, "909.5T"),
    ]
    for (value, text) in sizes { #expect(TopText.bytes(value) == text) }
    let ages: [(Double, String)] = [(0, "0s"), (61, "1m01s"), (11_100, "3h05m"), (1_051_200, "12d4h")]
    for (value, text) in ages { #expect(TopText.age(value) == text) }
    #expect(TopText.fitted("abcdef", 4) == "abc~" && TopText.fitted("ab", 4) == "ab  ")
  }
}
