// The tables of `ssmp top`.

import CommandLineTools

/// Lines for connections and topics.
enum TopTable {
  /// A column: its title, the width it needs, and what stands in it.
  private struct Column<Row> {
    let title: String
    let width: Int
    let isSorted: Bool
    var isText = false
    let cell: (Row) -> String

    var heading: String { isSorted ? "*" + title : title }
  }

  /// The narrowest column of names.
  private static let narrowest = 12

  /// The connections, the first of them below the headings.
  static func connections(_ model: TopModel, _ state: TopState, columns: Int, rows: Int) -> [TopLine] {
    let shown = model.connections.filter { $0.listed.id.hasPrefix(state.filter) }.sorted(by: state.order.isBefore)
    let title = title("CONNECTION", listed: model.connections.count, of: model.listing.matchedConnections)
    let all: [Column<ConnectionRow>] = [
      Column(title: "REQ/S", width: 8, isSorted: state.order == .requests) { TopText.count($0.requests) },
      Column(title: "IN/S", width: 7, isSorted: state.order == .bytesIn) { TopText.bytes($0.bytesIn) },
      Column(title: "OUT/S", width: 7, isSorted: state.order == .bytesOut) { TopText.bytes($0.bytesOut) },
      Column(title: "PENDING", width: 8, isSorted: state.order == .pending) {
        TopText.bytes(Double($0.listed.pending))
      },
      Column(title: "SUBS", width: 6, isSorted: state.order == .subscriptions) { "\($0.listed.subscriptions)" },
      Column(title: "AGE", width: 7, isSorted: state.order == .seconds) { TopText.age(Double($0.listed.seconds)) },
      Column(title: "PEER", width: 21, isSorted: false, isText: true) { TopText.name($0.listed.peer) },
    ]
    let name = Column<ConnectionRow>(title: title, width: narrowest, isSorted: state.order == .id, isText: true) {
      row in
      TopText.name(row.listed.id == "-" ? row.listed.handle : row.listed.id)
    }
    return lines(Array(shown.prefix(max(0, rows - 1))), name, all, columns: columns, rows: rows)
  }

  /// The topics, the first of them below the headings.
  static func topics(_ model: TopModel, _ state: TopState, columns: Int, rows: Int) -> [TopLine] {
    let shown = model.topics.filter { $0.name.hasPrefix(state.filter) }.sorted(by: state.topicOrder.isBefore)
    let title = title(
      "TOPIC", listed: min(model.topics.count, model.listing.matchedTopics), of: model.listing.matchedTopics)
    let all: [Column<TopicRow>] = [
      Column(title: "SUBSCRIBERS", width: 12, isSorted: state.topicOrder == .subscribers) { row in
        row.subscribers.map { TopText.count(Double($0)) } ?? "-"
      },
      Column(title: "WATCHERS", width: 9, isSorted: state.topicOrder == .watchers) { row in
        row.watchers.map { TopText.count(Double($0)) } ?? "-"
      },
      Column(title: "PENDING", width: 8, isSorted: state.topicOrder == .pending) { TopText.bytes(Double($0.pending)) },
    ]
    let name = Column<TopicRow>(title: title, width: narrowest, isSorted: state.topicOrder == .name, isText: true) {
      row in
      TopText.name(row.name)
    }
    return lines(Array(shown.prefix(max(0, rows - 1))), name, all, columns: columns, rows: rows)
  }

  /// The title of a listing that is not complete says so.
  private static func title(_ title: String, listed: Int, of matched: Int) -> String {
    matched > listed ? "\(title) (\(TopText.count(Double(listed))) of \(TopText.count(Double(matched))))" : title
  }

  private static func lines<Row>(
    _ items: [Row], _ name: Column<Row>, _ others: [Column<Row>], columns: Int, rows: Int
  ) -> [TopLine] {
    guard rows > 0 else { return [] }
    var others = others
    while name.width + others.reduce(0, { $0 + 1 + $1.width }) > columns, !others.isEmpty { others.removeLast() }
    let width = columns - others.reduce(0) { $0 + 1 + $1.width }
    func row(_ first: String, _ rest: [String]) -> String {
      TopText.fitted(first, width)
        + zip(rest, others).map { cell, column in
          let cell = cell.count > column.width ? TopText.fitted(cell, column.width) : cell
          return " "
            + (column.isText ? TextLayout.padded(cell, column.width) : TextLayout.rightAligned(cell, column.width))
        }.joined()
    }
    return [TopLine(row(name.heading, others.map(\.heading)), .heading)]
      + items.map { item in TopLine(row(name.cell(item), others.map { $0.cell(item) })) }
  }
}
