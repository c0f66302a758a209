// What a process has used.

import Glibc
import Testing

@testable import CommandLineTools

@Suite("Process usage")
struct ProcessUsageTests {
  @Test("CPU time and memory are read, whatever the program is called")
  func reads() throws {
    let stat = "7 (a) b) R 1 7 7 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 1 0 100 1000 10"
    let usage = try #require(
      ProcessUsage(stat: stat, status: "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n"))
    #expect(usage.residentKiB == 1024 && usage.peakKiB == 2048)
    #expect(usage.cpuSeconds == 2)
    #expect(ProcessUsage(process: 0) == nil)
  }

  @Test("A process knows its own usage")
  func own() throws {
    let usage = try #require(ProcessUsage(process: Int(getpid())))
    #expect(usage.residentKiB > 1000 && usage.peakKiB >= usage.residentKiB && usage.cpuSeconds > 0)
  }
}
