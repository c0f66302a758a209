// The text format in which Prometheus reads metrics (version 0.0.4).

/// Builds a page of metrics: families, each with its help, its type and its samples.
struct MetricsText {
  enum Kind: String {
    case counter, gauge, histogram
  }

  private(set) var text = ""
  private var name = ""

  /// Begins a family of metrics, to which the samples that follow belong.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    text += "# HELP \(name) \(Self.escaped(help, quote: false))\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Adds a sample with these labels.
  mutating func sample(_ value: some MetricValue, _ labels: KeyValuePairs<String, String> = [:]) {
    add(name, labels.map { ($0, $1) }, value.metricText)
  }

  /// Adds a histogram with these labels: cumulative counts, sum and count. Durations are in seconds.
  mutating func sample(_ histogram: Histogram, _ labels: KeyValuePairs<String, String> = [:]) {
    let labels = labels.map { ($0, $1) }
    var count: UInt64 = 0
    for place in Histogram.bounds.indices {
      count += histogram.counts[place]
      let bound = Self.seconds(nanoseconds: Histogram.bounds[place] * 1000)
      add(name + "_bucket", labels + [("le", bound)], "\(count)")
    }
    count += histogram.counts[Histogram.bounds.count]
    add(name + "_bucket", labels + [("le", "+Inf")], "\(count)")
    add(name + "_sum", labels, Self.seconds(nanoseconds: histogram.nanoseconds))
    add(name + "_count", labels, "\(count)")
  }

  private mutating func add(_ name: String, _ labels: [(String, String)], _ value: String) {
    let list = labels.map { "\($0)=\"\(Self.escaped($1, quote: true))\"" }.joined(separator: ",")
    text += list.isEmpty ? "\(name) \(value)\n" : "\(name){\(list)} \(value)\n"
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
