// The first conversation of README.md, and its client in Python, as they stand there.

import Foundation
import TLSHarness
import Testing

@Suite("README")
struct ReadmeTests {
  private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("README.md")

  /// The text of a section, from its heading to the next one.
  private func section(_ heading: String) throws -> Substring {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let start = try #require(text.range(of: "\n## \(heading)\n"))
    let end = try #require(text.range(of: "\n## ", range: start.upperBound..<text.endIndex))
    return Substring(text[start.upperBound..<end.lowerBound])
  }

  /// The lines that alice types and sees: the indented ones, without the command that connects her.
  private func conversation() throws -> [String] {
    let lines = try section("A first conversation").split(separator: "\n").filter { $0.hasPrefix("    ") }
    return lines.map { String($0.dropFirst(4)) }.filter { !$0.hasPrefix("$ ") && !$0.hasPrefix("    ") }
  }

  private func program() throws -> String {
    let parts = try section("A client in ten lines").components(separatedBy: "```")
    try #require(parts.count == 3 && parts[1].hasPrefix("python\n"))
    return String(parts[1].dropFirst("python\n".count))
  }

  private static var hasPython: Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/python3") }
  }

  @Test("The client has ten lines")
  func tenLines() throws {
    #expect(try program().split(separator: "\n").count == 10)
  }

  @Test(
    "Alice sees each line of the first conversation, in its order, from a server that is started as make run does",
    .enabled(if: hasPython, "python3 is not installed"))
  func firstConversation() throws {
    let server = try TLSServer(["--listen", "tcp://127.0.0.1:0?auth=open"], listen: "tls://127.0.0.1:0?auth=cert")
    let port = try server.process.port(of: "tcp")
    let alice = try server.connect(try server.authority.device("alice"))
    let bob = Process()
    let printed = Pipe()
    bob.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    bob.arguments = ["python3", "-c", try program().replacingOccurrences(of: "8787", with: "\(port)")]
    bob.standardOutput = printed
    bob.standardError = FileHandle.nullDevice
    // The threads of the tests block other signals, and a child inherits that.
    func stopBob() { if bob.isRunning { kill(bob.processIdentifier, SIGKILL) } }
    defer { stopBob() }

    for line in try conversation() {
      switch line {
      case "000 bob SUBSCRIBE news": try bob.run()
      case "000 bob UNSUBSCRIBE news": stopBob()
      default: break
      }
      if line.first?.isNumber == true { try #require(alice.expect(line + "\n")) } else { alice.send(line + "\n") }
    }
    alice.expectEnd()
    bob.waitUntilExit()
    let output = String(decoding: printed.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    // The response to bob's own message may come after its end.
    #expect(output.hasPrefix("200\n200\n200\n000 alice UCAST bob are you there?\n"), "\(output)")
  }
}
