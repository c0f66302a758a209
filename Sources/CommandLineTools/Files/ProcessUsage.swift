// What a process has used.

import Glibc

/// CPU time and memory of a process, read from /proc.
public struct ProcessUsage: Sendable {
  /// The CPU time of all threads, in user and kernel mode.
  public let cpuSeconds: Double
  /// The memory that is resident now.
  public let residentKiB: Int
  /// The most memory that was ever resident.
  public let peakKiB: Int

  /// The usage so far; `nil` if there is no such process.
  public init?(process: Int) {
    guard let stat = Self.read("/proc/\(process)/stat"), let status = Self.read("/proc/\(process)/status")
    else { return nil }
    self.init(stat: stat, status: status)
  }

  /// The usage as the content of both files tells it.
  init?(stat: String, status: String) {
    // The name of the program, in parentheses, may hold anything.
    guard let close = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
    cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    residentKiB = Self.number("VmRSS:", in: status)
    peakKiB = Self.number("VmHWM:", in: status)
  }

  private static func number(_ name: String, in status: String) -> Int {
    let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
    return line?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) } ?? 0
  }

  private static func read(_ path: String) -> String? {
    (try? FileContent(of: path, limit: 16 << 10)).map { String(decoding: $0.bytes, as: UTF8.self) }
  }
}
