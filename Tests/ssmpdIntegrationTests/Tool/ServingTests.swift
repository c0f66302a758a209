// ssmp serve and req.

import Foundation
import Testing

@Suite("ssmp: services")
struct ServingTests {
  /// A service that is there.
  private func service(_ arguments: [String], _ server: ServerProcess, as id: String = "s") throws -> ToolProcess {
    let tool = try ToolProcess(["-i", id, "serve"] + arguments, server: server)
    try eventually("it answers") { (try? ToolProcess.run(["req", id, "ping"], server: server).status) == 0 }
    return tool
  }

  private func script(_ text: String) -> [String] { ["--", "/bin/sh", "-c", text] }

  @Test("A program answers: what it prints, with its exit code")
  func answers() throws {
    let server = try ServerProcess()
    let body = "cat; echo \" from $SSMP_FROM $SSMP_VERB [$SSMP_ARGUMENT]\"; exec 2>&-; [ \"$SSMP_ARGUMENT\" != bad ]"
    let tool = try service(["greet"] + script(body), server)
    defer { withExtendedLifetime(tool) {} }
    let good = try ToolProcess.run(["-i", "amy", "req", "s", "greet", "a $(id) b"], server: server)
    #expect(good.status == 0)
    #expect(good.text == "a $(id) b from amy greet [a $(id) b]\n")
    let bad = try ToolProcess.run(["req", "s", "greet", "bad"], server: server)
    #expect(bad.status == 1)
    #expect(bad.errors.contains("the answer is 400 bad from"))
    #expect(try ToolProcess.run(["req", "s", "other"], server: server).status == 1, "501")
    #expect(try ToolProcess.run(["req", "nobody", "greet"], server: server).status == 6)
  }

  @Test("Lines and bytes come back as they are; too much is an error, and never cut")
  func output() throws {
    let server = try ServerProcess()
    let tool = try service(["x", "--job-limit", "500ms"] + script("eval \"$SSMP_ARGUMENT\""), server)
    defer { withExtendedLifetime(tool) {} }
    #expect(try ToolProcess.run(["req", "s", "x", "printf 'a\\nb\\n'"], server: server).text == "a\nb\n")
    let large = try ToolProcess.run(["req", "s", "x", "head -c 1025 /dev/zero"], server: server)
    #expect(large.status == 1)
    #expect(large.errors.contains("longer than 1024 bytes"))
    let fits = try ToolProcess.run(["req", "s", "x", "head -c 900 /dev/zero | tr '\\0' y"], server: server)
    #expect(fits.text == String(repeating: "y", count: 900) + "\n")
    let slow = try ToolProcess.run(["req", "s", "x", "sleep 60"], server: server)
    #expect(slow.status == 1)
    #expect(slow.errors.contains("not ended in time"))
    #expect(try ToolProcess.run(["req", "s", "x", "kill -9 $$"], server: server).status == 1)
  }

  @Test("At most so many programs run at a time; the others wait, and all are answered")
  func jobs() throws {
    let server = try ServerProcess()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssmp-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let body = "mkdir \(folder)/$$; ls \(folder) | wc -l; sleep 0.1; rmdir \(folder)/$$"
    let tool = try service(["x", "--jobs", "2"] + script(body), server)
    defer { withExtendedLifetime(tool) {} }
    let callers = try (0..<8).map { _ in try ToolProcess(["req", "s", "x"], server: server) }
    for caller in callers {
      #expect(try caller.end() == 0)
      #expect(["1", "2"].contains(caller.text.trimmingCharacters(in: .whitespacesAndNewlines)), "\(caller.text)")
    }
  }

  @Test("All instances are asked, or the better of two")
  func instances() throws {
    let server = try ServerProcess()
    let tools = try ["one", "two"].map {
      try service(["--as", "lamp", "x"] + script("echo \(UUID().uuidString.count)"), server, as: $0)
    }
    let all = try ToolProcess.run(["req", "-a", "lamp", "x"], server: server)
    #expect(all.status == 0 && all.text == "one 200 36\ntwo 200 36\n", "\(all)")
    let best = try ToolProcess.run(["req", "--best", "lamp", "x"], server: server)
    #expect(best.status == 0 && best.text == "36\n")
    #expect(try ToolProcess.run(["req", "-a", "nothing", "x"], server: server).status == 6)
    for tool in tools {
      tool.signal(SIGTERM)
      #expect(try tool.end() == 143)
    }
  }

  @Test("Programs that run end with the service")
  func end() throws {
    let server = try ServerProcess()
    let file = try TemporaryFile("")
    let tool = try service(["x"] + script("echo $$ > \(file.path); sleep 100"), server)
    let caller = try ToolProcess(["req", "s", "x", "-W", "20s"], server: server)
    defer { withExtendedLifetime(caller) {} }
    var process: pid_t = 0
    try eventually("the program runs") {
      process =
        (try? String(contentsOfFile: file.path, encoding: .utf8)).flatMap {
          pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines))
        } ?? 0
      return process > 0
    }
    tool.signal(SIGTERM)
    #expect(try tool.end() == 143)
    try eventually("the program has ended") { kill(process, 0) == -1 }
  }
}
