// ssmp who, watch, ping, and connections that are lost.

import Foundation
import TLSHarness
import Testing

@Suite("ssmp: presence and connections")
struct FollowingTests {
  @Test("who lists the members, and is 6 without any")
  func who() throws {
    let server = try ServerProcess()
    #expect(try ToolProcess.run(["who", "room"], server: server).status == 6)
    let members = try ["bob", "amy"].map { try server.login($0) }
    for member in members {
      member.send("SUBSCRIBE room\n")
      member.expect("200\n")
    }
    let text = try ToolProcess.run(["who", "room"], server: server)
    #expect(text.status == 0 && text.text == "amy\nbob\n")
    let json = try ToolProcess.run(["who", "room", "-o", "json"], server: server)
    #expect(json.text.hasPrefix("{\"id\":\"amy\",\"topic\":\"room\",\"presence\":false}\n"))
  }

  @Test("who lists a topic of thousands as a whole")
  func whoLarge() throws {
    let server = try ServerProcess()
    let members = try (0..<3000).map { try server.login("member-of-a-large-topic-\($0)") }
    for member in members { member.send("SUBSCRIBE room\n") }
    for member in members { member.expect("200\n") }
    let result = try ToolProcess.run(["who", "room"], server: server)
    #expect(result.text.split(separator: "\n").count == members.count)
  }

  @Test("watch shows who is there, comes and goes, and ends when somebody leaves")
  func watch() throws {
    let server = try ServerProcess()
    let bob = try server.login("bob")
    bob.send("SUBSCRIBE room\n")
    bob.expect("200\n")
    let tool = try ToolProcess(["watch", "room", "--until-left", "bob"], server: server)
    try tool.waitForOutput("+ bob\n")
    let amy = try server.login("amy")
    amy.send("SUBSCRIBE room\n")
    amy.expect("200\n")
    try tool.waitForOutput("+ amy\n")
    amy.send("UNSUBSCRIBE room\n")
    amy.expect("200\n")
    try tool.waitForOutput("- amy\n")
    bob.send("CLOSE\n")
    #expect(try tool.end() == 0)
    #expect(tool.text == "+ bob\n+ amy\n- amy\n- bob\n")
    #expect(try ToolProcess.run(["watch", "room", "--until-left", "bob"], server: server).status == 6)
  }

  @Test("sub -p prints presence beside the messages")
  func presence() throws {
    let server = try ServerProcess()
    let tool = try ToolProcess(["sub", "room", "-p", "-n", "3", "--ready", "2"], server: server)
    try tool.waitForError("\n")
    let bob = try server.login("bob")
    bob.send("SUBSCRIBE room\nMCAST room hi\nUNSUBSCRIBE room\n")
    #expect(try tool.end() == 0)
    #expect(tool.text == "+ bob\nhi\n- bob\n")
  }

  @Test("ping tells the time there and back")
  func ping() throws {
    let server = try ServerProcess()
    let result = try ToolProcess.run(["ping", "-n", "1"], server: server)
    #expect(result.status == 0)
    #expect(result.text.contains("PONG 1: "))
  }

  @Test("With --retry a subscriber comes back, and says that it has missed something")
  func retry() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssmp-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("socket").path
    let tool = try ToolProcess(["-s", "unix:\(path)", "--retry", "sub", "t", "-n", "2"])
    for round in 1...2 {
      let server = try ServerProcess(listen: "unix:\(path)?auth=open")
      try server.waitForLog(" login ")
      try eventually("it has subscribed") {
        (try? ToolProcess.run(["-s", "unix:\(path)", "who", "t"]).status) == 0
      }
      #expect(try ToolProcess.run(["-s", "unix:\(path)", "pub", "t", "\(round)"]).status == 0)
      try tool.waitForOutput("\(round)\n")
      if round == 1 {
        kill(server.process.processIdentifier, SIGKILL)
        try tool.waitForError("events are missed")
      }
    }
    #expect(try tool.end() == 0)
    #expect(tool.text == "1\n2\n")
    #expect(tool.errorText.contains("connected again"))
  }

  @Test("With --retry a publisher goes on when the server is back, and says what may be lost")
  func retryPublisher() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssmp-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("socket").path
    let publisher = try ToolProcess(["-s", "unix:\(path)", "--retry", "pub", "t"], keepsInput: true)
    var next = 1
    for round in 1...2 {
      let server = try ServerProcess(listen: "unix:\(path)?auth=open")
      let reader = try ToolProcess(["-s", "unix:\(path)", "sub", "t", "--ready", "2"])
      try reader.waitForError("\n")
      // The first of this round may have been written before the server was there.
      try eventually("lines arrive") {
        publisher.write("\(next)\n")
        next += 1
        usleep(10_000)
        return reader.text.split(separator: "\n").count >= 20
      }
      if round == 1 {
        kill(server.process.processIdentifier, SIGKILL)
        server.process.waitUntilExit()
        publisher.write("\(next)\n")
        next += 1
      } else {
        publisher.endInput()
        #expect(try publisher.end() == 0)
        try reader.waitForOutput("\n\(next - 1)\n")
        let numbers = reader.text.split(separator: "\n").compactMap { Int($0) }
        #expect(numbers == Array((next - numbers.count)..<next), "in order, and none left out")
      }
    }
  }

  @Test("A publisher whose server goes ends at once, though it has nothing to send")
  func idlePublisher() throws {
    let server = try ServerProcess()
    let publisher = try ToolProcess(["pub", "t"], server: server, keepsInput: true)
    publisher.write("one\n")
    try server.waitForLog(" login ")
    kill(server.process.processIdentifier, SIGKILL)
    #expect(try publisher.end() == 5)
  }

  @Test("With --retry a watcher learns who has left meanwhile, and is not told again of those who stay")
  func retryWatcher() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssmp-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = "unix:\(folder.appendingPathComponent("socket").path)"
    var server: ServerProcess? = try ServerProcess(listen: "\(url)?auth=open")
    let stays = try ToolProcess(["-s", url, "-i", "stays", "--retry", "sub", "t"])
    let goes = try ToolProcess(["-s", url, "-i", "goes", "sub", "t"])
    try eventually("both are there") { try ToolProcess.run(["-s", url, "who", "t"]).text == "goes\nstays\n" }
    let watcher = try ToolProcess(["-s", url, "--retry", "watch", "t", "--until-left", "goes"])
    try watcher.waitForOutput("+ stays\n")
    try watcher.waitForOutput("+ goes\n")
    kill(try #require(server).process.processIdentifier, SIGKILL)
    #expect(try goes.end() == 5)
    server = nil
    server = try ServerProcess(listen: "\(url)?auth=open")
    #expect(try watcher.end() == 0)
    #expect(watcher.text.split(separator: "\n").count { $0 == "- goes" } == 1)
    #expect(watcher.text.split(separator: "\n").count { $0 == "+ goes" } == 1)
    withExtendedLifetime((server, stays)) {}
  }

  @Test("With a certificate the identifier is one below its name, and a context holds it all")
  func certificate() throws {
    let server = try TLSServer()
    let device = try server.authority.device("pump")
    try server.files.write("pump.pem", device.certificatePEM + device.keyPEM)
    let url = "tls://127.0.0.1:\(try server.process.port(of: "tls"))"
    let arguments = ["-s", url, "--ca", server.files.path("ca.pem"), "--cert", server.files.path("pump.pem")]
    let direct = try ToolProcess.run(arguments + ["ping", "-n", "1"])
    #expect(direct.status == 0)
    #expect(direct.text.contains("logged in as pump/ssmp-"))
    let home = URL(fileURLWithPath: server.files.path(".config/ssmp"))
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    try server.files.write(
      ".config/ssmp/plant", "# the plant\nserver \(url)\nca ~/ca.pem\ncert ../../pump.pem\nid pump/7\n")
    let folder = server.files.path("")
    for (arguments, environment) in [(["-c", "plant"], [:]), ([], ["SSMP_CONTEXT": "plant"])]
      as [([String], [String: String])]
    {
      let result = try ToolProcess.run(arguments + ["ping", "-n", "1"], home: folder, environment: environment)
      #expect(result.text.contains("logged in as pump/7"), "\(result.errors)")
    }
    #expect(try ToolProcess.run(["context", "ls"], home: folder).text == "plant\n")
    #expect(try ToolProcess.run(["context", "show", "plant"], home: folder).text.contains("id pump/7\n"))
    try server.files.write(".config/ssmp/default", "srver x\n")
    let wrong = try ToolProcess.run(["ping"], home: folder)
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("default:1: 'srver' is no setting; did you mean server?"))
    #expect(
      try ToolProcess.run(arguments + ["ping", "-n", "1"], home: folder).status == 0, "who names a server means it")
  }

  @Test("A secret comes from a file or from standard input, and is never shown", arguments: ["-", "file"])
  func secret(source: String) throws {
    let file = try TemporaryFile("correct horse battery\n")
    let server = try ServerProcess(["--secret-file", file.path], listen: "tcp://127.0.0.1:0?auth=secret")
    let arguments = ["-v", "-i", "amy", "--secret-file", source == "-" ? "-" : file.path, "pub", "t"]
    let input = (source == "-" ? "correct horse battery\n" : "") + "message\n"
    let result = try ToolProcess.run(arguments, server: server, input: Array(input.utf8))
    #expect(result.status == 0)
    #expect(result.errors.contains("MCAST t message") && !result.errors.contains("horse"))
  }

  @Test("Over descriptors that another program has connected", arguments: [true, false])
  func descriptors(isClosed: Bool) throws {
    let server = try ServerProcess()
    let script = "exec 6<>/dev/tcp/127.0.0.1/\(server.port); exec 7>&6; \"$0\" --fd 6,7 -i amy who room; echo $?"
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", isClosed ? "\"$0\" --fd 6,7 ping; echo $?" : script, ToolProcess.binary.path]
    let output = Pipe()
    shell.standardOutput = output
    shell.standardError = FileHandle.nullDevice
    try shell.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text == (isClosed ? "2\n" : "6\n"))
    shell.waitUntilExit()
  }
}
