// How the directory of ssmp fs fares: restarts, lost connections, full disks, and users who remove things.

import Foundation
import Testing

@Suite("ssmp fs: the life of a directory")
struct DirectoryLifeTests {
  // MARK: Life

  @Test(
    "A directory that was left behind is taken over, after an orderly end and after another one",
    arguments: [
      SIGTERM, SIGKILL,
    ])
  func restart(signal: Int32) throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(topics: ["t"], server: server)
    let bob = try server.login("bob")
    bob.send("SUBSCRIBE t\nUCAST amy one\n")
    bob.expect("200\n200\n")
    try directory.waitFor("bob one", in: "peer/bob/out")
    let second = try ToolProcess.run(["-i", "zed", "fs", "\(directory.folder)/d"], server: server)
    #expect(second.status == 2)
    #expect(second.errors == "ssmp: '\(directory.folder)/d' cannot be used: another ssmp fs is using it\n")
    try directory.shell("printf 'no end' > peer/bob/in")
    try directory.restart(signal)
    if signal == SIGTERM { try directory.waitFor("peer/bob not sent, since the program ends: 1 lines", in: "errors") }
    bob.send("UCAST amy two\nMCAST t three\n")
    bob.expect("200\n200\n")
    try directory.waitFor("bob two", in: "peer/bob/out")
    try directory.waitFor("bob three", in: "topic/t/out")
    #expect(directory.content("peer/bob/out").contains("bob one"))
    try directory.shell("echo back > peer/bob/in")
    bob.expect("000 amy UCAST bob back\n")
    #expect(directory.content("new") == "topic/t\npeer/bob\n")
  }

  @Test("The state says that the program has ended, and why")
  func states() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(server: server)
    directory.tool.signal(SIGINT)
    #expect(try directory.tool.end() == 130)
    #expect(directory.content("state") == "offline\n")
    let lost = try DirectoryUnderTest(server: server)
    #expect(server.stop() == 0)
    #expect(try lost.tool.end() == 5)
    #expect(lost.content("state").hasPrefix("offline the connection"))
  }

  @Test("Lines wait while the connection is lost; what was missed is told")
  func reconnection() throws {
    let first = try ServerProcess()
    let directory = try DirectoryUnderTest(topics: ["t"], server: first, common: ["--retry"])
    #expect(first.stop() == 0)
    try directory.waitFor("offline", in: "state")
    try directory.shell("echo meanwhile > topic/t/in; mkdir topic/new")
    let second = try ServerProcess(listen: "tcp://127.0.0.1:\(first.port)")
    try directory.waitFor("amy meanwhile", in: "topic/t/out")
    try directory.wait("the subscription") { directory.names("topic/new").contains("members") }
    try directory.waitFor("online", in: "state")
    let lines = directory.lines("topic/t/out")
    #expect(lines.first == "# the connection was lost; messages are missed from here on")
    #expect(lines.contains("# connected again"))
    let bob = try second.login("bob")
    bob.send("MCAST new hi\n")
    bob.expect("200\n")
    try directory.waitFor("bob hi", in: "topic/new/out")
  }

  // MARK: Files

  @Test("A full disk: lines are lost and counted, and it goes on when there is room")
  func fullDisk() throws {
    let server = try ServerProcess()
    // The largest file has 8 blocks of 512 bytes.
    let directory = try DirectoryUnderTest(server: server, after: "ulimit -f 8")
    let bob = try server.login("bob")
    let text = String(repeating: "x", count: 200)
    for _ in 0..<40 {
      bob.send("UCAST amy \(text)\n")
      bob.expect("200\n")
    }
    try directory.tool.waitForError("lines could not be written, the last to ")
    #expect(directory.tool.errorText.contains("peer/bob/out': File too large; going on"))
    // Others are not concerned. This one comes behind all of bob's.
    let eve = try server.login("eve")
    eve.send("UCAST amy hi\n")
    eve.expect("200\n")
    try directory.waitFor("eve hi", in: "peer/eve/out")
    let before = directory.content("peer/bob/out")
    #expect(before.hasSuffix("\(text)\n"))
    #expect(directory.lines("peer/bob/out").allSatisfy { $0 == "bob \(text)" })
    try directory.shell(": > peer/bob/out")
    bob.send("UCAST amy room again\n")
    bob.expect("200\n")
    try directory.waitFor("bob room again", in: "peer/bob/out")
    let lines = directory.lines("peer/bob/out")
    #expect(lines.count == 2)
    let missing = 40 - before.split(separator: "\n").count
    #expect(lines.first == "# \(missing) lines could not be written: File too large")
  }

  @Test("A file that has reached its size is renamed")
  func rotation() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(["--max-out", "4096"], server: server)
    let bob = try server.login("bob")
    for number in 100..<300 {
      bob.send("UCAST amy number \(number)\n")
      bob.expect("200\n")
    }
    try directory.waitFor("number 299", in: "peer/bob/out")
    let sizes = ["out", "out.1"].map { directory.content("peer/bob/\($0)").utf8.count }
    #expect(sizes.allSatisfy { $0 > 0 && $0 <= 4096 })
    let lines = directory.lines("peer/bob/out.1") + directory.lines("peer/bob/out")
    #expect(lines == (300 - lines.count..<300).map { "bob number \($0)" })
  }

  @Test("A reader that never comes keeps nobody waiting")
  func noReader() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(topics: ["t"], server: server)
    // Nobody will ever read this one.
    try directory.shell("mkdir fake; mkfifo fake/out; mv fake peer/bob")
    try directory.wait("the FIFO") { directory.names("peer/bob").contains("in") }
    let bob = try server.login("bob")
    for _ in 0..<100 { bob.send(String(repeating: "UCAST amy x\n", count: 50)) }
    bob.expect(String(repeating: "200\n", count: 5000))
    bob.send("MCAST t last\n")
    bob.expect("200\n")
    try directory.waitFor("bob last", in: "topic/t/out")
    try directory.shell("rm peer/bob/out")
    bob.send("UCAST amy y\n")
    bob.expect("200\n")
    try directory.waitFor("bob y", in: "peer/bob/out")
  }

  // MARK: Removed things

  @Test("An `in` that is removed is made again, and one that is a file is kept and told of")
  func removedInput() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(topics: ["news"], server: server)
    let reader = try ToolProcess(["sub", "news", "--ready", "2", "-n", "1"], server: server)
    try reader.waitForError("\n")
    try directory.shell("rm topic/news/in; echo early > topic/news/in")
    try directory.waitFor("'in' was a file", in: "topic/news/out")
    #expect(directory.content("topic/news/in.unsent") == "early\n")
    try directory.wait("a FIFO") { (try? directory.shell("test -p topic/news/in && echo yes")) == "yes\n" }
    try directory.shell("echo hello > topic/news/in")
    #expect(try reader.end() == 0)
    #expect(reader.text == "hello\n")
  }

  @Test("The directory of all topics is made again, and what is made in it is noticed")
  func removedTopics() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(topics: ["news"], server: server)
    try directory.shell("rm -r topic")
    try directory.waitFor("'topic' was removed", in: "errors")
    try directory.shell("mkdir topic/other")
    try directory.wait("it is subscribed to") {
      (try? ToolProcess.run(["who", "other"], server: server).text) == "amy\n"
    }
  }

  @Test("Without its directory the program ends, and says so")
  func removedRoot() throws {
    let server = try ServerProcess()
    let directory = try DirectoryUnderTest(server: server)
    try FileManager.default.removeItem(atPath: "\(directory.folder)/d")
    #expect(try directory.tool.end() == 1)
    #expect(directory.tool.errorText.contains("is no directory any more"))
  }
}
