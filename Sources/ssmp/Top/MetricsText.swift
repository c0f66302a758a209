// The metrics of a server, as it prints them for Prometheus.

import CommandLineTools

/// The samples of `GET /metrics` that have been read.
struct MetricsText: Sendable {
  private struct Sample {
    /// The labels as they are written between the braces.
    let labels: Substring
    let value: Double
  }

  private var samples: [Substring: [Sample]] = [:]

  /// Reads lines `name{label="value"} number`. Other lines are ignored.
  init(_ text: String) {
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else { continue }
      let series = line[..<space]
      guard let brace = series.firstIndex(of: "{"), series.last == "}" else {
        samples[series, default: []].append(Sample(labels: "", value: value))
        continue
      }
      let labels = series[series.index(after: brace)...].dropLast()
      samples[series[..<brace], default: []].append(Sample(labels: labels, value: value))
    }
  }

  /// The sum of a metric over all labels, or over those samples that have one of these labels.
  ///
  /// - Parameter labels: written as `verb="ucast"`.
  func sum(_ name: String, _ labels: String...) -> Double {
    (samples[name[...]] ?? []).reduce(0) { sum, sample in
      labels.isEmpty || sample.labels.split(separator: ",").contains { labels.contains(String($0)) }
        ? sum + sample.value : sum
    }
  }

  /// The values of a metric by one of its labels; samples with the same value of that label are added up.
  func values(_ name: String, by label: String) -> [String: Double] {
    (samples[name[...]] ?? []).reduce(into: [:]) { values, sample in
      if let key = Self.value(of: label, in: sample.labels) { values[key, default: 0] += sample.value }
    }
  }

  /// The cumulative buckets of a histogram, added up over its other labels, in the order of their upper bounds.
  func buckets(_ name: String) -> [(bound: Double, count: Double)] {
    let counts = values(name + "_bucket", by: "le")
    let buckets = counts.compactMap { key, count in
      (key == "+Inf" ? .infinity : Double(key)).map { (bound: $0, count: count) }
    }
    return buckets.sorted { $0.bound < $1.bound }
  }

  /// The value of a label. Values with quotes in them do not occur in what is asked for.
  static func value(of label: String, in labels: Substring) -> String? {
    for part in labels.split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1)
      if pair.count == 2, pair[0] == label { return String(pair[1].dropFirst().dropLast()) }
    }
    return nil
  }
}
