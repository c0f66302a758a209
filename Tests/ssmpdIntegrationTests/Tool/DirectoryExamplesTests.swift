// The front ends of Examples/fs.

import Foundation
import Testing

@Suite("ssmp fs: front ends")
struct DirectoryExamplesTests {
  private let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("../../..").standardizedFileURL.path
  private var examples: String { "\(root)/Examples/fs" }

  @Test("chat sends what is typed and shows what comes")
  func chat() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(server: server)
    let chat = try Shell("exec '\(examples)/chat' . room", in: directory)
    try directory.wait("the subscription") { directory.names("topic/room").contains("members") }
    let bob = try server.login("bob")
    bob.send("SUBSCRIBE room\n")
    bob.expect("200\n")
    chat.type("hello, \\ all\n")
    bob.expect("000 amy MCAST room hello, \\ all\n")
    bob.send("MCAST room hi amy\n")
    bob.expect("200\n")
    try chat.waitFor("  bob: hi amy\n")
  }

  @Test("load shows the messages a second of each topic")
  func load() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(topics: ["busy", "quiet"], server: server)
    let load = try Shell("exec '\(examples)/load' . 0.2", in: directory)
    try load.waitFor("quiet")
    let bob = try server.login("bob")
    bob.send(String(repeating: "MCAST busy x\n", count: 10))
    bob.expect(String(repeating: "200\n", count: 10))
    try directory.wait("a rate") {
      load.printed.split(separator: "\n").contains { line in
        line.hasPrefix("busy") && !line.hasSuffix(" 0.0/s")
      }
    }
    #expect(load.printed.split(separator: "\n").allSatisfy { !$0.hasPrefix("quiet") || $0.hasSuffix(" 0.0/s") })
  }

  @Test("notify runs a command for each message of old and new contacts")
  func notify() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(server: server)
    let bob = try server.login("bob")
    bob.send("UCAST amy earlier\n")
    bob.expect("200\n")
    try directory.waitFor("earlier", in: "peer/bob/out")
    let notify = try Shell("exec '\(examples)/notify' . 'echo notice of'", in: directory)
    // It is not known when it has begun to follow the first contact.
    try directory.wait("a notice") {
      bob.send("UCAST amy now\n")
      bob.expect("200\n")
      return notify.printed.contains("notice of bob now\n")
    }
    let eve = try server.login("eve")
    eve.send("UCAST amy -n $(id) `id`\n")
    eve.expect("200\n")
    try notify.waitFor("notice of eve -n $(id) `id`\n")
    #expect(!notify.printed.contains("earlier"))
  }

  @Test("The commands of docs/fs.md do what the page says")
  func tutorial() throws {
    let server = try ServerProcess()
    let page = try String(contentsOfFile: "\(root)/docs/fs.md", encoding: .utf8)
    let start = try #require(page.range(of: "## Try it"))
    let end = try #require(page.range(of: "\n## ", range: start.upperBound..<page.endIndex))
    // A reader looks when there is something to see; the test cannot press Ctrl-C.
    let commands = page[start.upperBound..<end.lowerBound].split(separator: "\n").filter { $0.hasPrefix("    ") }.map {
      $0.replacingOccurrences(of: "cat e/topic/news/out", with: "see amy e/topic/news/out")
        .replacingOccurrences(of: "tail -F e/peer/amy/out", with: "see amy e/peer/amy/out")
    }
    #expect(commands.count == 12)
    let folder = TemporaryFile.newPath()
    try FileManager.default.createDirectory(atPath: "\(folder)/ssmp", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("server tcp://127.0.0.1:\(server.port)\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/ssmp/default"))
    try FileManager.default.createSymbolicLink(
      at: URL(fileURLWithPath: "\(folder)/bin-ssmp"), withDestinationURL: ToolProcess.binary)
    let script = """
      set -em
      cd '\(folder)'
      ssmp() { exec ./bin-ssmp "$@"; }
      see() { until grep -q "$1" "$2"; do sleep 0.1; done; cat "$2"; }
      \(commands.joined(separator: "\n"))
      until [ "$(cat d/state e/state | sort -u)" = offline ]; do sleep 0.1; done
      ls d/topic
      """
    let result = try runToEnd(
      ["60", "/bin/bash", "-c", script], URL(fileURLWithPath: "/usr/bin/timeout"),
      environment: ["XDG_CONFIG_HOME": folder])
    #expect(result.code == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 3, "\(result.output)")
    #expect(lines.first?.hasSuffix("Z amy hello") == true)
    #expect(lines.dropFirst().first?.hasSuffix("Z amy hi bob") == true)
    #expect(lines.last == "sport")
  }
}
