// The recipes of docs/recipes.md, each run as it stands there.

import Foundation
import TLSHarness
import Testing

@Suite("ssmp: recipes")
struct RecipeTests {
  /// Where the recipes are.
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Examples/recipes")

  /// A folder of the test's own, with a home whose default context is the server.
  private final class Place: @unchecked Sendable {
    let server: ServerProcess
    let folder: URL

    init() throws {
      server = try ServerProcess()
      folder = FileManager.default.temporaryDirectory.appendingPathComponent("recipe-\(UUID().uuidString)")
      let contexts = folder.appendingPathComponent(".config/ssmp")
      try FileManager.default.createDirectory(at: contexts, withIntermediateDirectories: true)
      try "server tcp://127.0.0.1:\(server.port)\n".write(
        to: contexts.appendingPathComponent("default"), atomically: true, encoding: .utf8)
      // The recipes call `ssmp` by its name.
      let programs = folder.appendingPathComponent("bin")
      try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        at: programs.appendingPathComponent("ssmp"), withDestinationURL: ToolProcess.binary)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ name: String, _ text: String) throws {
      try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }

    func read(_ name: String) -> String? {
      try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// Runs a line of shell, in which the recipes and `ssmp` are found by their names.
    func shell(_ line: String) throws -> (text: String, status: Int32) {
      let shell = try start(line)
      let text = String(decoding: shell.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      shell.process.waitUntilExit()
      return (text, shell.process.terminationStatus)
    }

    func start(_ line: String) throws -> Running {
      let running = Running()
      running.process.executableURL = URL(fileURLWithPath: "/bin/bash")
      running.process.arguments = ["-c", line]
      running.process.currentDirectoryURL = folder
      let path = "\(RecipeTests.folder.path):\(folder.path)/bin:/usr/bin:/bin"
      running.process.environment = ["HOME": folder.path, "PATH": path, "LC_ALL": "C.UTF-8"]
      running.process.standardInput = FileHandle.nullDevice
      running.process.standardOutput = running.output
      try running.process.run()
      return running
    }

    /// Waits until a line of shell succeeds.
    func until(_ line: String) throws { try eventually(line) { (try? shell(line + " > /dev/null 2>&1").status) == 0 } }
  }

  /// A shell at work, ended with all that it has started.
  private final class Running: @unchecked Sendable {
    let process = Process()
    let output = Pipe()

    deinit {
      kill(-process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  @Test("The page shows the recipes as they are, and all of them")
  func page() throws {
    let page = try String(
      contentsOf: Self.folder.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/recipes.md"), encoding: .utf8)
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(names.count >= 12)
    for name in names {
      let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
      #expect(page.contains("\n\(text)```\n"), "\(name)")
    }
  }

  @Test("Who is there")
  func whoIsThere() throws {
    let place = try Place()
    #expect(try place.shell("who-is-there room") == ("nobody in room\n", 0))
    let running = try place.start("ssmp -i amy sub room")
    try place.until("ssmp who room")
    #expect(try place.shell("who-is-there room").text == "1 in room: amy \n")
    withExtendedLifetime(running) {}
  }

  @Test("An alarm that is waited for")
  func alarm() throws {
    let place = try Place()
    #expect(try place.shell("await-alarm 200ms").text == "no alarm within 200ms\n")
    let running = try place.start("await-alarm 30s")
    try place.until("ssmp who alarms")
    #expect(try place.shell("ssmp -i boiler pub alarms 'too hot'").status == 0)
    let text = String(decoding: running.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text == "alarm from boiler: too hot\n")
  }

  @Test("A job queue with two workers")
  func queue() throws {
    let place = try Place()
    for count in 1...6 { try place.write("file\(count)", String(repeating: "word ", count: count)) }
    let workers = try ["one", "two"].map { try place.start("worker \($0) \(place.folder.path)") }
    for name in ["one", "two"] { try place.until("ssmp req \(name) ping") }
    let result = try place.shell("ls file* | queue | sort")
    #expect(result.text == (1...6).map { "file\($0) \($0)\n" }.joined())
    let listed = try place.shell("services word-count")
    #expect(listed.text.contains("  one 200 name=word-count version=") && listed.text.contains("  two 200 load=0.00"))
    withExtendedLifetime(workers) {}
  }

  @Test("A file that is moved out of band")
  func file() throws {
    let place = try Place()
    let content = (0..<50_000).map { "line \($0)\n" }.joined()
    try FileManager.default.createDirectory(
      at: place.folder.appendingPathComponent("shared"), withIntermediateDirectories: false)
    try place.write("shared/big.txt", content)
    let web = try place.start("exec python3 -u -m http.server --bind 127.0.0.1 --directory shared 0 2> /dev/null")
    let banner = String(decoding: web.output.fileHandleForReading.availableData, as: UTF8.self)
    let port = try #require(banner.split { !$0.isNumber }.dropFirst(4).first.flatMap { Int($0) })
    let offer = try place.start("offer-file store shared http://127.0.0.1:\(port)")
    try place.until("ssmp req store ping")
    #expect(try place.shell("fetch-file store big.txt").text == "big.txt, \(content.utf8.count) bytes\n")
    #expect(place.read("big.txt") == content)
    #expect(try place.shell("fetch-file store nothing.txt 2> /dev/null").status == 6)
    #expect(try place.shell("fetch-file store ../bin/ssmp 2> /dev/null").status == 6, "no way out of the folder")
    withExtendedLifetime((web, offer)) {}
  }

  @Test("Two peers connect directly")
  func direct() throws {
    let place = try Place()
    let waiting = try place.start("direct-wait bob 127.0.0.1")
    var result: (text: String, status: Int32) = ("", 1)
    try eventually("bob is there") {
      result = try place.shell("direct-connect amy bob 'good morning' 2> /dev/null")
      return result.status == 0
    }
    #expect(result.text == "bob says: hello from the other end\n")
    let text = String(decoding: waiting.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(text == "amy says: good morning\n")
  }

  @Test("A topic in a file, with rotation")
  func topicLog() throws {
    let place = try Place()
    let logger = try place.start("topic-log readings log 2000")
    try eventually("it is subscribed") { place.read("log.ready") == "\n" }
    #expect(try place.shell("seq 1 40 | ssmp -i sensor pub readings").status == 0)
    try eventually("all is written") { place.read("log")?.contains("\"text\":\"40\"") == true }
    let parts = ["log", "log.1", "log.2"].compactMap { place.read($0) }
    #expect(parts.count == 3)
    #expect(parts.allSatisfy { $0.utf8.count <= 2100 && $0.contains(" sensor {\"time\":") })
    withExtendedLifetime(logger) {}
  }

  @Test("A watchdog")
  func watchdog() throws {
    let place = try Place()
    let dog = try place.start("watchdog machines pump sh -c 'echo gone >> gone'")
    for round in 1...2 {
      let pump = try place.start("exec ssmp -i pump sub machines")
      try eventually("it is watched") {
        try place.shell("ssmp who machines -o json").text.contains("\"presence\":true")
          && place.shell("ssmp who machines").text.contains("pump")
      }
      // Only a watchdog that has seen it can see it leave.
      try place.until("ssmp -W 5s watch machines -n 2")
      pump.process.terminate()
      pump.process.waitUntilExit()
      try eventually("it has barked") { place.read("gone") == String(repeating: "gone\n", count: round) }
    }
    withExtendedLifetime(dog) {}
  }

  @Test("The certificate of a context is renewed")
  func renewal() throws {
    let place = try Place()
    let server = try TLSServer()
    let device = try server.authority.device("pump")
    for (name, text) in [
      ("pump.pem", device.certificatePEM), ("pump.key", device.keyPEM), ("ca.key", server.authority.keyPEM),
    ] { try place.write(name, text) }
    let url = "tls://127.0.0.1:\(try server.process.port(of: "tls"))"
    let home = place.folder.path
    let authority = server.files.path("ca.pem")
    try place.write(
      ".config/ssmp/plant", "server \(url)\nca \(authority)\ncert \(home)/pump.pem\nkey \(home)/pump.key\n")
    let sign = "openssl x509 -req -CA \(authority) -CAkey ca.key -days 30 2> /dev/null"
    try place.write("sign", "#!/bin/sh\n\(sign)\n")
    let result = try place.shell("chmod +x sign; renew plant ./sign")
    #expect(result.status == 0 && result.text.hasPrefix("plant: notAfter="))
    #expect(place.read("pump.pem") != device.certificatePEM && place.read("pump.key") != device.keyPEM)
    #expect(try place.shell("ssmp -c plant ping -n 1").text.contains("logged in as pump/ssmp-"))
    let renewed = place.read("pump.pem")
    #expect(try place.shell("renew plant false 2> /dev/null").status != 0)
    #expect(place.read("pump.pem") == renewed, "what is not accepted takes no place")
  }
}
