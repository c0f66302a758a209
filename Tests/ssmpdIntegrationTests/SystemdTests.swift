// The units, with a real systemd.

import Foundation
import Testing

@Suite("systemd")
struct SystemdTests {
  /// The folder of the package.
  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Whether a systemd can be booted here: that takes root, systemd, namespaces and an overlay of the file system.
  private static let canBoot: Bool = {
    // What a sanitizer needs is what the unit forbids.
    guard getuid() == 0, !ServerProcess.isSanitized else { return false }
    guard let result = try? boot("/bin/true", seconds: 30) else { return false }
    return result.code == 0
  }()

  private static func boot(_ script: String, _ arguments: [String] = [], seconds: Int) throws -> (
    output: String, code: Int32
  ) {
    let process = Process()
    let output = Pipe()
    process.executableURL = package.appendingPathComponent("Scripts/systemd-box")
    process.arguments = ["-t", "\(seconds)", script] + arguments
    process.currentDirectoryURL = package
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: text, as: UTF8.self), process.terminationStatus)
  }

  @Test(
    "The units start, reload, restart, stop and fail as an operator expects it (Tests/systemd/run)",
    .enabled(if: canBoot, "no systemd can be booted here: it takes root, systemd and an overlay file system"))
  func units() throws {
    let script = Self.package.appendingPathComponent("Tests/systemd/run").path
    let (output, code) = try Self.boot(script, [ServerProcess.binary.path], seconds: 150)
    let lines = output.split(separator: "\n")
    for line in lines where line.hasPrefix("FAILED ") { Issue.record("\(line)") }
    #expect(code == 0, "\(output)")
    // A script that ends early has looked at less.
    #expect(lines.count { $0.hasPrefix("ok ") } >= 60)
  }
}
