// Figures, and the tables that show them.

import CommandLineTools
import Glibc

/// The resident memory of this process in bytes; 0 if the kernel does not tell.
func residentBytes() -> Int { (ProcessUsage(process: Int(getpid()))?.residentKiB ?? 0) << 10 }

/// The middle one of several readings.
func median(_ samples: [Double]) -> Double {
  let sorted = samples.sorted()
  return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

/// A number with as many digits as it is worth.
func figure(_ value: Double) -> String { value >= 100 ? Format.number(value) : Format.fixed(value, 1) }

/// A row of a Markdown table.
func row(_ first: String, _ rest: [String]) -> String {
  let cells = rest.map { TextLayout.rightAligned($0, 12) }
  return "| \(TextLayout.padded(first, 46)) | \(cells.joined(separator: " | ")) |"
}

/// The head of a Markdown table.
func head(_ first: String, _ rest: [String]) -> String {
  row(first, rest) + "\n|---|" + String(repeating: "--:|", count: rest.count)
}

/// Numbers that repeat from run to run.
struct Dice: RandomNumberGenerator {
  private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}

/// The samples of each operation, in the order in which the operations were first measured.
struct Results {
  private(set) var names: [String] = []
  private var samples: [String: [Double]] = [:]
  private(set) var failures: [String] = []

  mutating func add(_ name: String, _ sample: Double) {
    if samples[name] == nil { names.append(name) }
    samples[name, default: []].append(sample)
  }

  mutating func expect(_ name: String, _ value: Int, _ wanted: Int) {
    if value != wanted { failures.append("\(name): \(value) instead of \(wanted)") }
  }

  func median(_ name: String) -> Double { ssmp_million.median(samples[name] ?? []) }
}
