// The front ends of Examples/fs.

import Foundation
import Testing

@Suite("ssmp fs: front ends")
struct DirectoryExamplesTests {
  private let examples = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("../../../Examples/fs").standardizedFileURL.path

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
}
