// The status of the server as JSON.

import CommandLineTools

/// `GET /status.json`: what `stats` says, and all metrics.
struct StatusPage {
  let stats: [FactLine]
  let metrics: MetricsText

  /// Subjects that there are several of, one for each loop.
  private static let plural = ["loop": "loops"]

  /// One object. A subject of `stats` is a member with its keys, the loops are an array; `metrics` has each metric by its
  /// name: its value, or one object for each combination of labels with the `value` beside them.
  var text: String {
    var members: [(String, String)] = []
    for line in stats {
      if let name = Self.plural[line.subject] {
        guard !members.contains(where: { $0.0 == name }) else { continue }
        members.append((name, JSON.array(stats.filter { $0.subject == line.subject }.map { JSON.object($0) })))
      } else {
        members.append((line.subject, JSON.object(line)))
      }
    }
    members.append(("metrics", metrics.json))
    return JSON.object(members) + "\n"
  }
}
