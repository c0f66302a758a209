// What the kernel knows of the server's process.

import Glibc

/// CPU time and memory of a process, read from /proc.
struct ServerUsage: Sendable {
  var cpuSeconds = 0.0
  var residentKiB = 0
  var peakKiB = 0

  /// The usage so far; `nil` if there is no such process.
  init?(process: Int) {
    guard let stat = Self.read("/proc/\(process)/stat"), let status = Self.read("/proc/\(process)/status") else {
      return nil
    }
    self.init(stat: stat, status: status)
  }

  /// Out of the contents of both files.
  init?(stat: String, status: String) {
    // The name of the program, in parentheses, may hold anything.
    guard let close = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
    cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    for line in status.split(separator: "\n") {
      if line.hasPrefix("VmRSS:") { residentKiB = Self.number(line) }
      if line.hasPrefix("VmHWM:") { peakKiB = Self.number(line) }
    }
  }

  private static func number(_ line: Substring) -> Int {
    line.split(separator: "\t").last?.split(separator: " ").first.flatMap { Int($0) } ?? 0
  }

  private static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor != -1 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}
