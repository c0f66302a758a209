// What users write.

import CommandLineTools
import SSMPClient

extension DirectoryTree {
  /// The most bytes that are read in one turn from all `in` together.
  private static let portion = 64 << 10

  /// Reads lines of these FIFOs: not all there are, so that a writer without end does not keep others waiting.
  func read(_ ready: [UInt64]) -> [OutgoingLine] {
    var lines: [OutgoingLine] = []
    var rest = Self.portion
    for number in ready {
      // What is not read now is reported again, behind the others.
      guard rest > 0 else { break }
      guard let entry = numbers[number], let bytes = entry.input?.read(into: &buffer) else { continue }
      rest -= bytes.count
      var messages: [InputMessage] = []
      entry.lines.take(Array(bytes), into: &messages)
      for message in messages {
        switch message.payload {
        case .success(let payload):
          pending.note(payload, to: entry.place)
          lines.append(OutgoingLine(place: entry.place, payload: payload))
        case .failure(let error): report(entry.place, "line \(message.number): \(error)")
        }
      }
    }
    return lines
  }

  /// Writes the results of lines: `out` gets the lines that the server has accepted, and a notice
  /// for each of the others.
  func settle(_ lines: [OutgoingLine], _ results: [Result<SSMPClient.Response, SSMPError>]) {
    for (line, result) in zip(lines, results) {
      let text = LogLine.escaped(line.payload.bytes)
      switch result {
      case .success(let response) where response.isSuccess:
        if let entry = entries[line.place] { append(LogLine.message(me, line.payload.bytes), to: entry) }
      case .success(let response):
        report(line.place, "\("\(response)".printable): \(text)")
        refuse(line, "\(response.code)")
      case .failure(let error):
        report(line.place, "\(error): \(text)")
        refuse(line, "- \(error)")
      }
    }
  }

  private func refuse(_ line: OutgoingLine, _ reason: String) {
    if let answer = pending.refuse(line.payload, to: line.place, reason) { write(answer) }
  }

  /// Counts the lines that will not be sent, since the program ends.
  func drain(_ entry: DirectoryEntry) {
    var messages: [InputMessage] = []
    while let bytes = entry.input?.read(into: &buffer) { entry.lines.take(Array(bytes), into: &messages) }
    entry.lines.finish(into: &messages)
    if !messages.isEmpty { report(entry.place, "not sent, since the program ends: \(messages.count) lines") }
  }
}
