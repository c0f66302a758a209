// What `ssmp top` looks like.

import CommandLineTools

/// Arranges the figures for a terminal of any size. It does no input or output.
struct TopView {
  /// Where the server is asked.
  var path = ""
  /// Why the latest look at the server has failed.
  var problem: String?
  /// False to draw in ASCII.
  var isUnicode = true

  /// As many lines as the terminal has, none of them longer than it is wide.
  func lines(_ model: TopModel, _ state: TopState, _ size: Terminal.Size) -> [TopLine] {
    var lines = state.showsHelp ? TopHelp.lines : head(model, size.columns)
    let room = size.rows - lines.count - 1
    if !state.showsHelp, room > 0 { lines += tables(model, state, size.columns, room) }
    lines = lines.prefix(max(0, size.rows - 1)).map { $0.clipped(to: size.columns) }
    lines += Array(repeating: TopLine(), count: max(0, size.rows - 1 - lines.count))
    return lines + [foot(state).clipped(to: size.columns)]
  }

  private func head(_ model: TopModel, _ columns: Int) -> [TopLine] {
    guard let figures = model.figures else { return warnings(model, columns) }
    let busy = figures.loops.map { $0.busy.map { "\(Format.fixed($0 * 100, 0))%" } ?? "-" }
    var title = TopLine("ssmpd \(TopText.name(figures.version))", .bold)
    title.add(
      "  up \(TopText.age(figures.seconds))  loops busy \(busy.prefix(16).joined(separator: " "))"
        + "  memory \(TopText.bytes(figures.memory))  \(TopText.name(path))")
    let charts = [
      chart("messages/s", TopText.count(figures.messages), model.messages, columns, TopText.count),
      chart("deliveries/s", TopText.count(figures.deliveries), model.deliveries, columns, TopText.count),
      chart("connections", TopText.count(figures.connections), model.connectionCounts, columns, TopText.count),
      chart("lag (99 %)", TopText.time(figures.lag), model.lags, columns, TopText.time),
    ]
    let cells = [
      "in/s \(TopText.bytes(figures.bytesIn))", "out/s \(TopText.bytes(figures.bytesOut))",
      "pending \(TopText.bytes(figures.pending)) of \(TopText.bytes(figures.pendingLimit))",
      "topics \(TopText.count(figures.topics))", "subscriptions \(TopText.count(figures.subscriptions))",
      "logged in \(TopText.count(figures.loggedIn))", "accepted/s \(TopText.count(figures.accepted))",
      "closed/s \(TopText.count(figures.closed))", "refused/s \(TopText.count(figures.refused))",
      "failed logins/s \(TopText.count(figures.failedLogins))", "congested \(TopText.count(figures.congested))",
    ]
    return [title] + charts + Self.flow(cells, columns) + warnings(model, columns)
  }

  /// The latest figure, what it was before, and the maximum of that.
  private func chart(
    _ label: String, _ figure: String, _ history: TopModel.History, _ columns: Int, _ text: (Double?) -> String
  ) -> TopLine {
    var line = TopLine(TextLayout.padded(label, 13))
    line.add(TextLayout.rightAligned(figure, 10), .bold)
    let width = columns - 23 - 2 - 17
    if width > 0, let largest = history.values.suffix(width).max() {
      line.add("  ")
      line.add(Sparkline.text(history.values, width, isUnicode: isUnicode), .chart)
      line.add("  max \(text(largest))")
    }
    return line
  }

  private func warnings(_ model: TopModel, _ columns: Int) -> [TopLine] {
    var texts: [String] = []
    if let problem { texts.append("\(problem); trying again") }
    if let figures = model.figures {
      let stuck = figures.loops.filter(\.isStuck).map { "\($0.number)" }
      if !stuck.isEmpty { texts.append("stuck: loop \(stuck.joined(separator: ", "))") }
      if figures.isDraining { texts.append("the server is draining") }
      if figures.hasFailedReload { texts.append("the last reload has failed; see the log") }
    }
    if let problem = model.listing.problem { texts.append("no listing: \(problem)") }
    return texts.map { TopLine(TopText.name($0), .warning) }
  }

  /// Both tables, two thirds of the room for the connections; a table that needs less leaves it to the other.
  private func tables(_ model: TopModel, _ state: TopState, _ columns: Int, _ room: Int) -> [TopLine] {
    let half = max(2, room / 3)
    let topicsNeed = min(room, model.topics.count + 1)
    let topicRows: Int
    switch state.tables {
    case .connections: topicRows = 0
    case .topics: topicRows = room
    case .both: topicRows = min(topicsNeed, max(half, room - model.connections.count - 1))
    }
    return TopTable.connections(model, state, columns: columns, rows: room - topicRows)
      .filled(to: room - topicRows) + TopTable.topics(model, state, columns: columns, rows: topicRows)
  }

  private func foot(_ state: TopState) -> TopLine {
    if let input = state.input { return TopLine("names that begin with: \(TopText.name(input))_", .bold) }
    var line = TopLine(state.isPaused ? "PAUSED  " : "", .warning)
    if !state.filter.isEmpty { line.add("names: \(TopText.name(state.filter))…  ".asciiIf(!isUnicode), .bold) }
    line.add("q quit  / filter  < > sort  t tables  space pause  ? help")
    return line
  }

  /// Cells in lines, two columns from each other.
  private static func flow(_ cells: [String], _ columns: Int) -> [TopLine] {
    var lines: [String] = []
    for cell in cells {
      if let last = lines.last, last.count + 2 + cell.count <= columns {
        lines[lines.count - 1] = "\(last)  \(cell)"
      } else {
        lines.append(cell)
      }
    }
    return lines.map { TopLine($0) }
  }
}

extension [TopLine] {
  /// The lines, and empty ones up to a number of them.
  fileprivate func filled(to count: Int) -> [TopLine] {
    self + Array(repeating: TopLine(), count: Swift.max(0, count - self.count))
  }
}

extension String {
  /// The text with `...` in place of an ellipsis.
  fileprivate func asciiIf(_ isASCII: Bool) -> String {
    isASCII ? map { $0 == "…" ? "..." : String($0) }.joined() : self
  }
}
