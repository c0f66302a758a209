// The commands of docs/security.md, as they stand there.

import Foundation
import Testing

@Suite("Documented commands")
struct DocumentedCommandsTests {
  private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("docs/security.md")

  /// The commands for an authority, from making it to replacing it.
  private func commands(port: UInt16) throws -> String {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let start = try #require(text.range(of: "## An authority of one's own"))
    let end = try #require(text.range(of: "\n## Files", range: start.upperBound..<text.endIndex))
    let lines = text[start.upperBound..<end.lowerBound].split(separator: "\n").filter { $0.hasPrefix("    ") }
    return lines.map { line in
      let command = line.dropFirst(4).replacingOccurrences(of: "127.0.0.1:8787", with: "127.0.0.1:\(port)")
      return command.hasSuffix("& server=$!") ? command + "\nlistens" : command
    }.joined(separator: "\n")
  }

  /// A port where nobody listens at the moment.
  private func freePort() throws -> UInt16 {
    let server = try ServerProcess()
    defer { _ = server.stop() }
    return server.port
  }

  @Test("Each command of the page about an authority does what it says, also with umask 077")
  func authority() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("bin"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createSymbolicLink(
      at: folder.appendingPathComponent("bin/ssmpd"), withDestinationURL: ServerProcess.binary)
    let port = try freePort()
    let script = """
      set -eo pipefail
      cd '\(folder.path)'
      PATH=$PWD/bin:$PATH
      trap 'kill $server 2>/dev/null' EXIT
      # What is typed is a login.
      openssl() {
        [[ $1 == s_client ]] || { command openssl "$@"; return; }
        { printf 'LOGIN pump cert\\nCLOSE\\n'; sleep 1; } | command openssl "$@" >>replies
      }
      listens() {
        for ((i = 0; i < 200; i++)); do (exec 3<>/dev/tcp/127.0.0.1/\(port)) 2>/dev/null && return; sleep 0.1; done
        return 1
      }
      \(try commands(port: port))
      echo modes $(stat -c %a authorities.pem lists.pem server.pem server.key)
      echo replies $(cat replies)
      """
    let file = folder.appendingPathComponent("script")
    try Data(script.utf8).write(to: file)
    let (output, errors, code) = try runToEnd([file.path], URL(fileURLWithPath: "/bin/bash"))
    #expect(code == 0, "\(output)\n\(errors)")
    #expect(output.contains("modes 644 644 644 600\n"), "\(output)")
    #expect(output.contains("replies 200 200\n"), "\(output)")
    // Each reload has succeeded, and the revoked device is out.
    let reloads = errors.split(separator: "\n").filter { $0.contains(" notice reload ") }
    #expect(reloads.count == 4, "\(errors)")
  }
}
