// Time, memory, and figures.

import Glibc
import SSMPCore

/// Nanoseconds on a clock that only goes forward.
func nanoseconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// The resident memory of this process in bytes; 0 where the kernel does not tell.
func residentBytes() -> Int {
  guard let file = fopen("/proc/self/status", "r") else { return 0 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  while fgets(&line, Int32(line.count), file) != nil {
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard text.hasPrefix("VmRSS:") else { continue }
    return (Int(text.filter(\.isNumber)) ?? 0) * 1024
  }
  return 0
}

/// The middle one of several readings.
func median(_ samples: [Double]) -> Double {
  let sorted = samples.sorted()
  return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

/// A number with as many digits as it is worth.
func figure(_ value: Double) -> String {
  if value.isNaN { return "-" }
  if value >= 100 { return grouped(Int(value.rounded())) }
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}

/// Digits in groups of three.
func grouped(_ number: Int) -> String {
  var text = ""
  for (index, digit) in String(number).reversed().enumerated() {
    if index > 0, index % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return String(text.reversed())
}

/// Two decimals, for ratios.
func ratio(_ value: Double) -> String {
  guard value.isFinite else { return "-" }
  let hundredths = Int((value * 100).rounded())
  return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

/// A row of a Markdown table.
func row(_ first: String, _ rest: [String]) -> String {
  let padded = first + String(repeating: " ", count: max(0, 46 - first.count))
  let cells = rest.map { String(repeating: " ", count: max(0, 12 - $0.count)) + $0 }
  return "| \(padded) | \(cells.joined(separator: " | ")) |"
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
