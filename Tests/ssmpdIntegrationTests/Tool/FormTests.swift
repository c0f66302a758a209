// The forms of ssmp's input and output against the real server.

import Foundation
import Testing

@Suite("ssmp: forms")
struct FormTests {
  /// Messages of any bytes, LF among them.
  private func messages(_ count: Int) -> [[UInt8]] {
    (0..<count).map { index in
      (0..<Int.random(in: 1...(index % 7 == 0 ? 1024 : 40))).map { _ in
        UInt8.random(in: 0...(index % 2 == 0 ? 255 : 12))
      }
    }
  }

  @Test("What is printed as wire or JSON, and read as such, is what it was", arguments: ["wire", "json"])
  func roundTrip(form: String) throws {
    let server = try ServerProcess()
    let all = messages(300)
    let copier = try ToolProcess(["sub", "one", "-n", "\(all.count)", "-o", form, "--ready", "2"], server: server)
    let reader = try ToolProcess(["sub", "two", "-n", "\(all.count)", "-o", "json", "--ready", "2"], server: server)
    try copier.waitForError("\n")
    try reader.waitForError("\n")
    let publisher = try server.login("p")
    for bytes in all {
      publisher.send(
        Array("MCAST one ".utf8) + [UInt8((bytes.count - 1) >> 8), UInt8((bytes.count - 1) & 255)] + bytes + [10])
    }
    #expect(try copier.end() == 0)
    #expect(try ToolProcess.run(["pub", "two", "-I", form], server: server, input: copier.printed).status == 0)
    #expect(try reader.end() == 0)
    let lines = reader.text.split(separator: "\n")
    #expect(lines.count == all.count)
    for (line, bytes) in zip(lines, all) {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let text = (object["text"] as? String).map { Array($0.utf8) }
      let data = (object["base64"] as? String).flatMap { Data(base64Encoded: $0) }.map { Array($0) }
      #expect(text ?? data == bytes)
      #expect(object["verb"] as? String == "MCAST" && object["topic"] as? String == "two")
    }
  }

  @Test("Input that is no wire, or no JSON, is 8 with its number", arguments: ["wire", "json"])
  func invalid(form: String) throws {
    let server = try ServerProcess()
    let valid = form == "wire" ? "000 a MCAST t x\n" : "{\"text\":\"x\"}\n"
    let result = try ToolProcess.run(
      ["pub", "t", "-I", form], server: server, input: Array((valid + "nonsense\n").utf8))
    #expect(result.status == 8)
    #expect(result.errors.contains("message 2"))
  }

  @Test("An object without a payload is 8, unless it is about presence", arguments: [#"{"text":1}"#, "{}", "[1]"])
  func withoutPayload(line: String) throws {
    let server = try ServerProcess()
    let presence = #"{"verb":"SUBSCRIBE","from":"a","topic":"t","presence":false}"#
    let result = try ToolProcess.run(
      ["pub", "t", "-I", "json"], server: server, input: Array("\(presence)\n\(line)\n".utf8))
    #expect(result.status == 8)
    #expect(result.errors.contains("message 2"))
  }

  @Test("A format shows each part of an event")
  func format() throws {
    let server = try ServerProcess()
    let format = "%i|%t|%v|%p|%x|%j|%T|%%|\\t"
    let reader = try ToolProcess(["sub", "t", "-n", "1", "-F", format, "--ready", "2"], server: server)
    try reader.waitForError("\n")
    #expect(try ToolProcess.run(["-i", "amy", "pub", "t", "h~"], server: server).status == 0)
    #expect(try reader.end() == 0)
    let parts = reader.text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    #expect(Array(parts[0...4]) == ["amy", "t", "MCAST", "h~", "687e"])
    #expect(parts[5].hasPrefix("{\"time\":\"") && parts[5].hasSuffix("\"text\":\"h~\"}"))
    #expect(parts[6].hasSuffix("Z") && parts[7] == "%" && parts[8] == "\t\n")
  }

  @Test("On a terminal an escape sequence is shown and not carried out, unless it is to be; a pipe gets it as it is")
  func escapes() throws {
    let server = try ServerProcess()
    let hostile = "a\u{1b}[2Jb\u{7}"
    for (arguments, shown) in [([], "a\\u{1b}[2Jb\\u{7}"), (["--raw"], hostile)] as [([String], String)] {
      let url = "tcp://127.0.0.1:\(server.port)"
      let words = [ToolProcess.binary.path, "-s", url, "sub", "t", "-n", "1", "--ready", "2"] + arguments
      let terminal = Process()
      terminal.executableURL = URL(fileURLWithPath: "/usr/bin/script")
      terminal.arguments = ["-qec", words.joined(separator: " "), "/dev/null"]
      let output = Pipe()
      terminal.standardOutput = output
      terminal.standardInput = FileHandle.nullDevice
      try terminal.run()
      let first = output.fileHandleForReading.availableData
      #expect(String(decoding: first, as: UTF8.self).contains("\n"))
      #expect(try ToolProcess.run(["pub", "t", hostile], server: server).status == 0)
      let rest = output.fileHandleForReading.readDataToEndOfFile()
      #expect(String(decoding: rest, as: UTF8.self).contains(shown))
      terminal.waitUntilExit()
    }
    let pipe = try ToolProcess(["sub", "t", "-n", "1", "--ready", "2"], server: server)
    try pipe.waitForError("\n")
    #expect(try ToolProcess.run(["pub", "t", hostile], server: server).status == 0)
    #expect(try pipe.end() == 0)
    #expect(pipe.text == hostile + "\n")
  }

  @Test("A million lines arrive in order, with little memory")
  func million() throws {
    let server = try ServerProcess()
    let lines = (0..<1_000_000).map { "line \(String(repeating: "0", count: 14 - String($0).count))\($0)\n" }.joined()
    let reader = try ToolProcess(["sub", "t", "-n", "1000000", "--ready", "2"], server: server)
    try reader.waitForError("\n")
    let publisher = try ToolProcess(["pub", "t"], server: server, keepsInput: true)
    publisher.write(lines)
    let status = try String(contentsOfFile: "/proc/\(publisher.process.processIdentifier)/status", encoding: .utf8)
    let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }?.split { !$0.isNumber }.first.flatMap {
      Int($0)
    }
    publisher.endInput()
    #expect(try publisher.end() == 0)
    #expect(try reader.end() == 0)
    #expect(reader.printed.elementsEqual(lines.utf8))
    // A debug build takes more than the 20 MB that a release build is held to.
    #expect(try #require(peak) < 64 << 10)
  }
}
