// Examples/python/ssmp.py against the real ssmpd.

import Foundation
import TLSHarness
import Testing

@Suite("Python client")
struct PythonClientTests {
  enum Transport: String, CaseIterable, Sendable { case tcp, tls }

  private let port: LastingPort
  private let authority: TestCertificate
  private let files: CertificateFiles

  init() throws {
    port = try LastingPort()
    authority = try .authority("Appliance CA")
    files = try CertificateFiles(authority)
    for name in ["alice", "bob", "carol"] {
      let device = try authority.device(name)
      try files.write("\(name).pem", device.certificatePEM)
      try files.write("\(name).key", device.keyPEM)
    }
    try files.write("secret", "0123456789abcdef0123\n")
    try files.write("guess", "0123456789abcdef3210\n")
  }

  private static var hasPython: Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/python3") }
  }

  /// A server on the port that outlives it. It offers `open` and `secret` over TCP, and `cert` over TLS.
  private func startServer(_ transport: Transport) throws -> ServerProcess {
    try ServerProcess(
      transport == .tcp ? ["--secret-file", files.path("secret")] : files.arguments,
      listen: "systemd+\(transport.rawValue):ssmp?auth=\(transport == .tcp ? "open,secret" : "cert")",
      after: LastingPort.prelude, input: port.handle)
  }

  private func url(_ transport: Transport) -> String {
    "\(transport.rawValue)://\(transport == .tcp ? "127.0.0.1" : "localhost"):\(port.number)"
  }

  /// What `name` needs to log in.
  private func credentials(_ name: String, _ transport: Transport) -> [String] {
    guard transport == .tls else { return [] }
    return ["--ca", files.path("ca.pem"), "--cert", files.path("\(name).pem"), "--key", files.path("\(name).key")]
  }

  private func startClient(_ name: String, _ transport: Transport) throws -> PythonClient {
    try PythonClient(url(transport), name, credentials(name, transport))
  }

  @Test("The client has at most sixty lines of code, none longer than a hundred columns")
  func sixtyLines() throws {
    let text = try String(contentsOf: PythonClient.program, encoding: .utf8)
    let lines = text.components(separatedBy: "\n")
    #expect(lines.allSatisfy { $0.count <= 100 })
    let end = try #require(lines.firstIndex(of: "if __name__ == \"__main__\":"))
    var isDocumentation = false
    var count = 0
    for line in lines[..<end].map({ $0.trimmingCharacters(in: .whitespaces) }) {
      let quotes = line.components(separatedBy: "\"\"\"").count - 1
      let isCode = !isDocumentation && quotes == 0 && !line.isEmpty && !line.hasPrefix("#")
      if quotes == 1 { isDocumentation.toggle() }
      if isCode { count += 1 }
    }
    #expect(count <= 60 && count > 40, "\(count) lines")
  }

  @Test(
    "Two clients see each other come, talk and leave", .enabled(if: hasPython, "python3 is not installed"),
    arguments: Transport.allCases)
  func meet(_ transport: Transport) throws {
    let server = try startServer(transport)
    let alice = try startClient("alice", transport)
    let bob = try startClient("bob", transport)
    try alice.expect("bob SUBSCRIBE news PRESENCE")
    try bob.expect("alice SUBSCRIBE news PRESENCE")
    alice.enter("hello")
    try bob.expect("alice MCAST news hello")
    bob.enter("")
    try bob.expect("not sent: invalid request")
    bob.enter("good morning, alice")
    try alice.expect("bob MCAST news good morning, alice")
    #expect(try bob.end() == 0)
    try alice.expect("bob UNSUBSCRIBE news")
    #expect(server.process.isRunning)
  }

  @Test(
    "After a restart of the server, the clients are back, with their subscriptions",
    .enabled(if: hasPython, "python3 is not installed"), arguments: Transport.allCases)
  func restart(_ transport: Transport) throws {
    let first = try startServer(transport)
    let alice = try startClient("alice", transport)
    let bob = try startClient("bob", transport)
    try alice.expect("bob SUBSCRIBE news PRESENCE")
    try bob.expect("alice SUBSCRIBE news PRESENCE")
    #expect(first.stop() == 0)
    let second = try startServer(transport)
    for (client, other) in [(alice, "bob"), (bob, "alice")] {
      try client.expect("* ONLINE", times: 2)
      try client.expect("\(other) SUBSCRIBE news PRESENCE", times: 2)
      #expect(client.lines.contains { $0.hasPrefix("* OFFLINE ") })
    }
    alice.enter("still here")
    try bob.expect("alice MCAST news still here")
    #expect(second.process.isRunning)
  }

  @Test(
    "A binary payload arrives whole, whatever its length and its bytes",
    .enabled(if: hasPython, "python3 is not installed"), arguments: Transport.allCases)
  func binary(_ transport: Transport) throws {
    let server = try startServer(transport)
    let (output, errors, code) = try run(
      ["-c", Self.exchange, PythonClient.program.deletingLastPathComponent().path, url(transport)]
        + (transport == .tcp ? [] : [files.path("ca.pem"), files.path("carol.pem"), files.path("carol.key")]))
    #expect(output == "done\n" && errors == "" && code == 0, "\(output)\(errors)")
    #expect(server.process.isRunning)
  }

  /// Two clients in one program: the first sends payloads of all kinds, and the second compares what comes.
  private static let exchange = """
    import asyncio, sys
    sys.path.insert(0, sys.argv[1])
    from ssmp import Client
    async def main():
        queues = asyncio.Queue(), asyncio.Queue()
        sender, receiver = [
            Client(sys.argv[2], name, lambda *event, queue=queue: queue.put_nowait(event), *sys.argv[3:])
            for name, queue in zip(('carol/1', 'carol/2'), queues)]
        running = [asyncio.ensure_future(client.run()) for client in (sender, receiver)]
        for queue in queues: assert await queue.get() == ('', 'ONLINE')
        assert await receiver.request('SUBSCRIBE', 'news') == (200, '')
        payloads = [b'\\n' * length for length in range(1, 1025)]
        payloads += [bytes([byte]) for byte in range(256)] + [bytes(range(256)) * 4, 'text', 't' * 1024]
        for payload in payloads:
            assert await sender.request('MCAST', 'news', payload=payload) == (200, '')
            event = await queues[1].get()
            assert event == ('carol/1', 'MCAST', 'news', payload), event
        print('done')
    asyncio.run(asyncio.wait_for(main(), 60))
    """

  @Test(
    "A refused login ends the client", .enabled(if: hasPython, "python3 is not installed"),
    arguments: Transport.allCases)
  func refused(_ transport: Transport) throws {
    let server = try startServer(transport)
    let name = transport == .tcp ? "alice" : "mallory"
    let (output, errors, code) = try run(
      [PythonClient.program.path, url(transport), name, "news"]
        + (transport == .tcp ? ["--secret-file", files.path("guess")] : credentials("alice", .tls)))
    #expect(output == "" && code == 1)
    #expect(errors == "login refused: 401 \(transport == .tcp ? "secret open" : "cert")\n")
    if transport == .tcp {
      try PythonClient(url(.tcp), "alice", ["--secret-file", files.path("secret")]).expect("* ONLINE")
    }
    #expect(server.process.isRunning)
  }

  @Test(
    "A server with a certificate for another name, or by another authority, gets no LOGIN",
    .enabled(if: hasPython, "python3 is not installed"))
  func strangers() throws {
    var options = CertificateOptions.server()
    options.alternativeNames = [.dns("ssmp.example")]
    try files.writeServer(try authority.issue(options))
    let server = try startServer(.tls)
    let alice = try startClient("alice", .tls)
    try alice.expect { $0.hasPrefix("* OFFLINE SSLCertVerificationError") && $0.contains("Hostname mismatch") }
    try files.write("stranger.pem", try TestCertificate.authority("Stranger").certificatePEM)
    let bob = try PythonClient(
      url(.tls), "bob",
      ["--ca", files.path("stranger.pem"), "--cert", files.path("bob.pem"), "--key", files.path("bob.key")])
    try bob.expect { $0.hasPrefix("* OFFLINE SSLCertVerificationError") && !$0.contains("Hostname mismatch") }
    #expect(!server.logLines.contains { $0.contains(" login id=") })
    #expect(!(alice.lines + bob.lines).contains("* ONLINE"))
  }

  /// Runs Python to its end, for at most two minutes.
  private func run(_ arguments: [String]) throws -> (output: String, errors: String, code: Int32) {
    try runToEnd(
      ["timeout", "120", "python3"] + arguments, URL(fileURLWithPath: "/usr/bin/env"),
      environment: ["PYTHONDONTWRITEBYTECODE": "1"])
  }
}

/// A running `python3 ssmp.py URL NAME news`, and what it has printed.
private final class PythonClient: @unchecked Sendable {
  private let process = Process()
  private let input = Pipe()
  private let output: TemporaryFile

  static let program = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Examples/python/ssmp.py")

  init(_ url: String, _ name: String, _ options: [String]) throws {
    output = try TemporaryFile("")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: output.path))
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", Self.program.path, url, name, "news"] + options
    process.standardInput = input
    process.standardOutput = file
    process.standardError = file
    try process.run()
  }

  deinit {
    // The threads of the tests block other signals, and a child inherits that.
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// The complete lines that the client has printed.
  var lines: [String] {
    let text = (try? String(contentsOfFile: output.path, encoding: .utf8)) ?? ""
    return Array(text.components(separatedBy: "\n").dropLast())
  }

  /// Gives the client a line on its standard input.
  func enter(_ line: String) { input.fileHandleForWriting.write(Data("\(line)\n".utf8)) }

  /// Ends the client's standard input, waits for the end of the client, and returns its exit code.
  func end() throws -> Int32 {
    try input.fileHandleForWriting.close()
    try eventually("the client ends") { !process.isRunning }
    return process.terminationStatus
  }

  /// Waits until the client has printed this line so many times.
  func expect(_ line: String, times: Int = 1) throws {
    try wait(for: "'\(line)'") { lines in lines.count { $0 == line } >= times }
  }

  /// Waits until the client has printed such a line.
  func expect(_ matches: (String) -> Bool) throws {
    try wait(for: "the line") { $0.contains(where: matches) }
  }

  private func wait(for what: String, _ condition: ([String]) -> Bool) throws {
    let deadline = Date() + TestClient.seconds
    while !condition(lines) {
      guard Date() < deadline else { throw TestFailure("\(what) is not in: \(lines)") }
      usleep(10_000)
    }
  }
}

/// A listening socket of the loopback interface that one server after the other is handed, as by systemd. So a restarted
/// server has the same port, and no connection is refused in between.
private final class LastingPort: @unchecked Sendable {
  let number: UInt16
  private let descriptor: Int32

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) | listen(descriptor, 16) | getsockname(descriptor, $0, &length)
      }
    }
    guard result == 0 else { throw TestFailure("the port cannot be opened: \(errno)") }
    self.descriptor = descriptor
    number = UInt16(bigEndian: address.sin_port)
  }

  deinit {
    close(descriptor)
  }

  var handle: FileHandle { FileHandle(fileDescriptor: descriptor, closeOnDealloc: false) }

  /// What makes standard input the socket that is handed over, under the name `ssmp`.
  static let prelude = "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=ssmp"
}
