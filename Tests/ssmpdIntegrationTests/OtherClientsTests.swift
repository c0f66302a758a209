// Clients that have nothing in common with this code.

import Foundation
import TLSHarness
import Testing

@Suite("Other clients")
struct OtherClientsTests {
  private let authority: TestCertificate
  private let files: CertificateFiles
  private let server: ServerProcess

  init() throws {
    authority = try .authority("Appliance CA")
    files = try CertificateFiles(authority)
    for name in ["alice", "bob"] {
      let device = try authority.device(name)
      try files.write("\(name).pem", device.certificatePEM)
      try files.write("\(name).key", device.keyPEM)
    }
    server = try ServerProcess(files.arguments, listen: "tls://127.0.0.1:0")
  }

  /// Runs a program with this input to its end, and returns what it wrote.
  private func run(_ program: String, _ arguments: [String], input: String = "") throws -> (output: String, code: Int32)
  {
    let process = Process()
    let (incoming, outgoing) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "30", program] + arguments
    process.standardInput = incoming
    process.standardOutput = outgoing
    process.standardError = outgoing
    try process.run()
    try incoming.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try incoming.fileHandleForWriting.close()
    let output = String(decoding: outgoing.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (output, process.terminationStatus)
  }

  private func clientArguments(_ name: String) -> [String] {
    [
      "s_client", "-connect", "127.0.0.1:\(server.port)", "-nocommands", "-ign_eof", "-CAfile", files.path("ca.pem"),
      "-verify_return_error", "-cert", files.path("\(name).pem"), "-key", files.path("\(name).key"),
    ]
  }

  @Test("openssl s_client logs in, talks and ends, in TLS 1.2 and 1.3", arguments: ["-tls1_2", "-tls1_3"])
  func openssl(version: String) throws {
    let requests = "LOGIN alice cert\nSUBSCRIBE t\nUCAST alice hello\nPING\nCLOSE\n"
    let (output, code) = try run("openssl", clientArguments("alice") + ["-quiet", version], input: requests)
    #expect(output.contains("200\n200\n000 alice UCAST alice hello\n200\n000 . PONG\n200\n"), "\(output)")
    #expect(code == 0)
  }

  @Test("openssl s_client resumes a session")
  func opensslResumes() throws {
    let session = files.path("session")
    let requests = "LOGIN alice cert\nPING\nCLOSE\n"
    let first = try run("openssl", clientArguments("alice") + ["-sess_out", session], input: requests)
    #expect(first.output.contains("New, TLSv1.3"), "\(first.output)")
    let second = try run("openssl", clientArguments("alice") + ["-sess_in", session], input: requests)
    #expect(second.output.contains("Reused, TLSv1.3") && second.output.contains("200\n000 . PONG\n200\n"))
  }

  @Test("A client that asks for small records gets no larger ones", arguments: ["-tls1_2", "-tls1_3"])
  func smallRecords(version: String) throws {
    let text = String(repeating: "t", count: 1000)
    let requests = "LOGIN alice cert\n" + String(repeating: "UCAST alice \(text)\n", count: 20) + "CLOSE\n"
    let (output, code) = try run(
      "openssl", clientArguments("alice") + ["-quiet", version, "-maxfraglen", "512"], input: requests)
    #expect(output.components(separatedBy: "000 alice UCAST alice \(text)\n").count == 21, "\(output)")
    #expect(code == 0)
  }

  private static var hasPython: Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/python3") }
  }

  @Test(
    "Two devices in Python meet by presence, signal to each other, and part",
    .enabled(if: hasPython, "python3 is not installed"))
  func python() throws {
    let (output, code) = try run(
      "python3", ["-c", Self.session, "\(server.port)", files.path("ca.pem"), files.path("alice"), files.path("bob")])
    #expect(code == 0 && output == "done\n", "\(output)")
  }

  private static let session = """
    import socket, ssl, sys
    port, authority = int(sys.argv[1]), sys.argv[2]
    def device(files, name):
        context = ssl.create_default_context(cafile=authority)
        context.load_cert_chain(files + '.pem', files + '.key')
        raw = socket.create_connection(('127.0.0.1', port), timeout=20)
        stream = context.wrap_socket(raw, server_hostname='localhost')
        lines = stream.makefile('rb')
        stream.sendall(b'LOGIN %s cert\\n' % name)
        assert lines.readline() == b'200\\n'
        return stream, lines
    alice, to_alice = device(sys.argv[3], b'alice')
    alice.sendall(b'SUBSCRIBE room PRESENCE\\n')
    assert to_alice.readline() == b'200\\n'
    bob, to_bob = device(sys.argv[4], b'bob')
    bob.sendall(b'SUBSCRIBE room PRESENCE\\n')
    assert to_bob.readline() == b'200\\n'
    assert to_bob.readline() == b'000 alice SUBSCRIBE room PRESENCE\\n'
    assert to_alice.readline() == b'000 bob SUBSCRIBE room PRESENCE\\n'
    bob.sendall(b'MCAST room hello\\nUCAST alice \\0\\5a\\nb\\0\\nc\\n')
    assert to_bob.readline() == b'200\\n' and to_bob.readline() == b'200\\n'
    assert to_alice.readline() == b'000 bob MCAST room hello\\n'
    assert to_alice.read(len(b'000 bob UCAST alice \\0\\5a\\nb\\0\\nc\\n')) == b'000 bob UCAST alice \\0\\5a\\nb\\0\\nc\\n'
    bob.unwrap().close()
    assert to_alice.readline() == b'000 bob UNSUBSCRIBE room\\n'
    alice.sendall(b'CLOSE\\n')
    assert to_alice.readline() == b'200\\n' and to_alice.readline() == b''
    print('done')
    """
}
