// Sockets that somebody else has bound and hands over.

import Foundation
import Testing

@Suite("Sockets handed over")
struct SocketActivationTests {
  /// A socket that listens, as systemd would have it.
  private final class Listener: @unchecked Sendable {
    let descriptor: Int32
    let port: UInt16
    let path: String?

    init(unix path: String? = nil, backlog: Int32 = 16) throws {
      self.path = path
      descriptor = socket(path == nil ? AF_INET : AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      withUnsafeMutableBytes(of: &storage) { bytes in
        if let path {
          bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
          UnsafeMutableRawBufferPointer(rebasing: bytes[2...]).copyBytes(from: path.utf8)
          length = socklen_t(3 + path.utf8.count)
        } else {
          var address = sockaddr_in()
          address.sin_family = sa_family_t(AF_INET)
          address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
          bytes.storeBytes(of: address, as: sockaddr_in.self)
          length = socklen_t(MemoryLayout<sockaddr_in>.size)
        }
      }
      var bound = sockaddr_in()
      let descriptor = descriptor
      try withUnsafePointer(to: &storage) {
        try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          try #require(Glibc.bind(descriptor, $0, length) == 0, "bind: \(errno)")
        }
      }
      try #require(Glibc.listen(descriptor, backlog) == 0)
      length = socklen_t(MemoryLayout<sockaddr_in>.size)
      withUnsafeMutablePointer(to: &bound) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
      }
      port = path == nil ? UInt16(bigEndian: bound.sin_port) : 0
    }

    deinit {
      close(descriptor)
      if let path { unlink(path) }
    }

    var handle: FileHandle { FileHandle(fileDescriptor: descriptor, closeOnDealloc: false) }
  }

  /// What makes standard input the first descriptor that is handed over.
  private func handOver(_ name: String?) -> String {
    "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$" + (name.map { " LISTEN_FDNAMES='\($0)'" } ?? "")
  }

  private func server(_ listener: Listener, name: String?, listen: String) throws -> ServerProcess {
    try ServerProcess(listen: listen, after: handOver(name), input: listener.handle)
  }

  @Test("A socket is taken by its name, and the log says where it is and where it comes from")
  func byName() throws {
    let listener = try Listener()
    let server = try server(listener, name: "devices", listen: "systemd+tcp:devices?auth=open")
    let line = try server.waitForLog("listen address=")
    #expect(line.hasSuffix("listen address=tcp://127.0.0.1:\(listener.port) auth=open from=systemd"))
    _ = try server.login("a")
  }

  @Test("A socket is taken by its address: the setting need not say where it comes from")
  func byAddress() throws {
    let listener = try Listener()
    let server = try server(listener, name: "whatever", listen: "tcp://127.0.0.1:\(listener.port)")
    try server.waitForLog("listen address=tcp://127.0.0.1:\(listener.port) auth=open from=systemd")
    _ = try server.login("a")
  }

  @Test("A unix socket is taken by its name or its path, and the path stays", arguments: [true, false])
  func unix(byName: Bool) throws {
    let path = TemporaryFile.newPath()
    let listener = try Listener(unix: path)
    let server = try server(listener, name: "local", listen: byName ? "systemd+unix:local" : "unix:\(path)")
    try server.waitForLog("listen address=unix:\(path) auth=open from=systemd")
    let client = try TestClient(path: path)
    client.send("LOGIN a open\n")
    client.expect("200\n")
    #expect(server.stop() == 0)
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test("Whoever connects while there is no server waits, and is served by the next one")
  func restart() throws {
    let listener = try Listener()
    let first = try server(listener, name: "devices", listen: "systemd+tcp:devices")
    let old = try first.login("a")
    #expect(first.stop() == 0)
    old.expectEnd()
    let waiting = try (0..<5).map { _ in try TestClient(port: listener.port) }
    for (number, client) in waiting.enumerated() { client.send("LOGIN w\(number) open\n") }
    let second = try server(listener, name: "devices", listen: "systemd+tcp:devices")
    for client in waiting {
      client.expect("200\n")
      client.expectQuiet()
    }
    withExtendedLifetime(second) {}
  }

  @Test("A server that goes down leaves new connections to the next one, and still serves those that it has")
  func draining() throws {
    let listener = try Listener()
    let first = try ServerProcess(
      ["--open", "--drain", "1h"], listen: "systemd+tcp:devices", after: handOver("devices"), input: listener.handle)
    let a = try first.login("a")
    let b = try first.login("b")
    first.process.terminate()
    a.expectEnd()
    let new = try TestClient(port: listener.port)
    new.send("LOGIN c open\n")
    b.expectQuiet()
    new.expectNothing(for: 200)
    let second = try server(listener, name: "devices", listen: "systemd+tcp:devices")
    new.expect("200\n")
    b.expectQuiet()
    withExtendedLifetime(second) {}
  }

  @Test("A socket that no setting uses ends the start: whoever connects to it would wait for ever")
  func unused() throws {
    let listener = try Listener()
    let (errors, code) = try fails(listener, handOver("devices"), ["--listen", "tcp://127.0.0.1:0", "--open"])
    #expect(code == 2)
    #expect(
      errors
        == "ssmpd: LISTEN_FDNAMES: systemd hands over 'devices' on 127.0.0.1:\(listener.port), which no --listen uses; "
        + "give --listen tls://127.0.0.1:\(listener.port) or systemd+tls:devices\n")
  }

  @Test("A socket that no setting uses is named also where it holds the port that a setting asks for")
  func unusedAndInTheWay() throws {
    let listener = try Listener()
    let (errors, code) = try fails(
      listener, handOver("devices"), ["--listen", "tcp://*:\(listener.port)", "--open"])
    #expect(code == 2)
    #expect(
      errors.hasPrefix("ssmpd: LISTEN_FDNAMES: systemd hands over 'devices' on 127.0.0.1:\(listener.port), which no --")
    )
  }

  @Test("A name for which nothing is handed over ends the start")
  func missing() throws {
    let (_, errors, code) = try runToEnd(["--listen", "systemd+tcp:devices", "--open"])
    #expect(code == 2)
    #expect(
      errors
        == "ssmpd: --listen: 'systemd+tcp:devices' waits for a socket that systemd has not handed over; start the socket "
        + "unit with FileDescriptorName=devices, or give an address\n")
  }

  @Test("Sockets that were meant for another process are not touched")
  func otherProcess() throws {
    let listener = try Listener()
    let server = try ServerProcess(
      after: "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=1 LISTEN_FDNAMES=a", input: listener.handle)
    _ = try server.login("a")
    #expect(!server.logLines.contains { $0.contains("from=systemd") })
  }

  @Test("What is no listening socket, or one of the wrong kind, ends the start")
  func wrongKind() throws {
    let listener = try Listener()
    let (kind, code) = try fails(listener, handOver("a"), ["--listen", "systemd+unix:a", "--open"])
    #expect(code == 2)
    #expect(
      kind
        == "ssmpd: --listen: 'systemd+unix:a' is given the socket 127.0.0.1:\(listener.port); "
        + "give systemd+tls:NAME or systemd+tcp:NAME\n")
    let (file, fileCode) = try fails(
      listener, "exec 3</dev/null; export LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=a",
      ["--listen", "systemd+tcp:a", "--open"])
    #expect(fileCode == 2)
    #expect(file.hasPrefix("ssmpd: LISTEN_FDS: descriptor 3, 'a', is no socket that accepts connections; give "))
  }

  private func fails(_ listener: Listener, _ prelude: String, _ arguments: [String]) throws -> (String, Int32) {
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "\(prelude); exec \"$0\" \"$@\"", ServerProcess.binary.path] + arguments
    process.standardInput = listener.handle
    process.standardError = errors
    try process.run()
    let written = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: written, as: UTF8.self), process.terminationStatus)
  }
}
