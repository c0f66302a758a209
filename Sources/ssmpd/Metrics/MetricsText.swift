// The text format in which Prometheus reads metrics (version 0.0.4).

import CommandLineTools

/// Builds a page of metrics: families, each with its help, its type and its samples. The same can be had as JSON.
struct MetricsText {
  enum Kind: String {
    case counter, gauge, histogram
  }

  /// The value of a sample, as it is written.
  private enum Value {
    case number(String)
    case histogram(Histogram)
  }

  private struct Family {
    let name: String
    let kind: Kind
    let help: String
    var samples: [(labels: [(String, String)], value: Value)] = []
  }

  private var families: [Family] = []

  /// Begins a family of metrics, to which the samples that follow belong.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    families.append(Family(name: name, kind: kind, help: help))
  }

  /// Adds a sample with these labels.
  mutating func sample(_ value: some MetricValue, _ labels: KeyValuePairs<String, String> = [:]) {
    families[families.count - 1].samples.append((labels.map { ($0, $1) }, .number(value.metricText)))
  }

  /// Adds a histogram with these labels: cumulative counts, sum and count. Durations are in seconds.
  mutating func sample(_ histogram: Histogram, _ labels: KeyValuePairs<String, String> = [:]) {
    families[families.count - 1].samples.append((labels.map { ($0, $1) }, .histogram(histogram)))
  }

  /// The page as Prometheus reads it.
  var text: String {
    var text = ""
    for family in families {
      text += "# HELP \(family.name) \(Self.escaped(family.help, quote: false))\n"
      text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
      for (labels, value) in family.samples {
        switch value {
        case .number(let number): text += Self.line(family.name, labels, number)
        case .histogram(let histogram): text += Self.lines(family.name, labels, histogram)
        }
      }
    }
    return text
  }

  /// The same as one object of JSON: a metric without labels is its value, one with labels an array of objects that have
  /// the labels and `value`. A histogram has `sum`, `count` and its cumulative `buckets` instead.
  var json: String {
    JSON.object(
      families.map { family in
        let samples = family.samples.map { labels, value in
          guard case .number(let number) = value, labels.isEmpty else {
            return JSON.object(labels.map { ($0, JSON.string($1)) } + Self.members(value))
          }
          return number
        }
        let isAlone = family.samples.count == 1 && family.samples[0].labels.isEmpty
        return (family.name, isAlone ? samples[0] : JSON.array(samples))
      })
  }

  private static func members(_ value: Value) -> [(String, String)] {
    switch value {
    case .number(let number): [("value", number)]
    case .histogram(let histogram):
      [
        ("sum", seconds(nanoseconds: histogram.nanoseconds)), ("count", "\(histogram.count)"),
        ("buckets", JSON.object(buckets(of: histogram).map { ($0, "\($1)") })),
      ]
    }
  }

  private static func lines(_ name: String, _ labels: [(String, String)], _ histogram: Histogram) -> String {
    buckets(of: histogram).map { line(name + "_bucket", labels + [("le", $0)], "\($1)") }.joined()
      + line(name + "_sum", labels, seconds(nanoseconds: histogram.nanoseconds))
      + line(name + "_count", labels, "\(histogram.count)")
  }

  /// The upper bounds of a histogram, and how many observations are not above each.
  private static func buckets(of histogram: Histogram) -> [(bound: String, count: UInt64)] {
    var count: UInt64 = 0
    var buckets = Histogram.bounds.indices.map { place in
      count += histogram.counts[place]
      return (bound: seconds(nanoseconds: Histogram.bounds[place] * 1000), count: count)
    }
    buckets.append(("+Inf", count + histogram.counts[Histogram.bounds.count]))
    return buckets
  }

  private static func line(_ name: String, _ labels: [(String, String)], _ value: String) -> String {
    let list = labels.map { "\($0)=\"\(escaped($1, quote: true))\"" }.joined(separator: ",")
    return list.isEmpty ? "\(name) \(value)\n" : "\(name){\(list)} \(value)\n"
  }

  /// Seconds as a decimal number, exact to the nanosecond.
  static func seconds(nanoseconds: UInt64) -> String {
    var fraction = String(1_000_000_000 + nanoseconds % 1_000_000_000).dropFirst()
    while fraction.hasSuffix("0") { fraction = fraction.dropLast() }
    return "\(nanoseconds / 1_000_000_000)" + (fraction.isEmpty ? "" : ".\(fraction)")
  }

  /// Backslashes and line ends, and in labels quotes, as the format wants them.
  static func escaped(_ text: String, quote: Bool) -> String {
    var result = ""
    // By scalars: CR and LF together are one character.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quote: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// A number of which a sample can be made.
protocol MetricValue {
  var metricText: String { get }
}

extension Int: MetricValue {
  var metricText: String { "\(self)" }
}

extension UInt64: MetricValue {
  var metricText: String { "\(self)" }
}

extension Bool: MetricValue {
  var metricText: String { self ? "1" : "0" }
}

/// Nanoseconds, shown as seconds.
struct Nanoseconds: MetricValue {
  let count: UInt64
  var metricText: String { MetricsText.seconds(nanoseconds: count) }
}
