// Where the server listens, and what it offers there.

import Foundation
import Testing

@Suite("Listeners")
struct ListenerTests {
  @Test("Where port 0 is asked for, the port that was chosen is logged")
  func portZero() throws {
    let server = try ServerProcess()
    let line = try server.waitForLog("listen address=")
    #expect(line.hasSuffix("listen address=tcp://127.0.0.1:\(server.port) auth=open"))
    #expect(server.port != 0)
    _ = try server.login("a")
  }

  @Test("A unix socket takes connections, replaces a stale file, and is removed at the end")
  func unixSocket() throws {
    let path = TemporaryFile.newPath()
    let killed = try ServerProcess(listen: "unix:\(path)")
    kill(killed.process.processIdentifier, SIGKILL)
    killed.process.waitUntilExit()
    #expect(FileManager.default.fileExists(atPath: path))
    let server = try ServerProcess(listen: "unix:\(path)")
    let client = try TestClient(path: path)
    client.send("LOGIN a open\n")
    client.expect("200\n")
    client.expectQuiet()
    try server.waitForLog("login id=a scheme=open peer=unix")
    #expect(server.stop() == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("A unix socket on which somebody listens is not taken away")
  func unixSocketInUse() throws {
    let path = TemporaryFile.newPath()
    let server = try ServerProcess(listen: "unix:\(path)")
    let (_, errors, code) = try runToEnd(["--listen", "unix:\(path)", "--open"])
    #expect(code == 2)
    #expect(errors.contains("bind: Address already in use"))
    let client = try TestClient(path: path)
    client.send("LOGIN a open\n")
    client.expect("200\n")
    #expect(server.stop() == 0)
  }

  @Test("A file that is no socket is not replaced by one")
  func unixFileInTheWay() throws {
    let file = try TemporaryFile("precious")
    let (_, errors, code) = try runToEnd(["--listen", "unix:\(file.path)", "--open"])
    #expect(code == 2)
    #expect(
      errors.contains("'unix:\(file.path)' cannot be used: something else than a socket is there; take it away\n"))
    #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "precious")
  }

  @Test(
    "A server that ends leaves the socket files of the one that has taken its place: of listeners and of the admin socket"
  )
  func replacedFiles() throws {
    let (path, admin) = (TemporaryFile.newPath(), TemporaryFile.newPath())
    let first = try ServerProcess(["--open", "--admin", admin], listen: "unix:\(path)")
    for file in [path, admin] { #expect(unlink(file) == 0) }
    let second = try ServerProcess(["--open", "--admin", admin], listen: "unix:\(path)")
    #expect(first.stop() == 0)
    let client = try TestClient(path: path)
    client.send("LOGIN a open\n")
    client.expect("200\n")
    #expect(try AdminClient(try TestClient(path: admin)).ask("help").last == "ok")
    #expect(second.stop() == 0)
    for file in [path, admin] { #expect(!FileManager.default.fileExists(atPath: file)) }
  }

  @Test("A listener on [::1] takes connections over IPv6")
  func ipv6() throws {
    let server = try ServerProcess(listen: "tcp://[::1]:0")
    let client = try TestClient(ipv6Port: server.port)
    client.send("LOGIN a open\n")
    client.expect("200\n")
    try server.waitForLog("login id=a scheme=open peer=[::1]:")
  }

  @Test("A listener on * takes connections over IPv4 and IPv6, and shows IPv4 peers as such")
  func everyAddress() throws {
    let server = try ServerProcess(listen: "tcp://*:0")
    _ = try server.login("a")
    try server.waitForLog("login id=a scheme=open peer=127.0.0.1:")
    let client = try TestClient(ipv6Port: server.port)
    client.send("LOGIN b open\n")
    client.expect("200\n")
    try server.waitForLog("login id=b scheme=open peer=[::1]:")
  }

  @Test("Each listener offers the schemes of its own, in a LOGIN and in a 401 (Login)")
  func schemesOfListeners() throws {
    let secret = try TemporaryFile("sesame\n")
    let path = TemporaryFile.newPath()
    let both = TemporaryFile.newPath()
    let server = try ServerProcess(
      [
        "--listen", "unix:\(path)?auth=secret", "--listen", "unix:\(both)", "--open", "--secret-file",
        secret.path + "?short",
      ],
      listen: "tcp://127.0.0.1:0?auth=open")
    try server.waitForLog("listen address=unix:\(both) auth=secret,open")
    try server.waitForLog("listen address=unix:\(path) auth=secret")

    let wrong = try server.connect()
    wrong.send("LOGIN a secret sesame\n")
    wrong.expect("401 open\n")
    wrong.expectEnd()
    _ = try server.login("a")

    let unix = try TestClient(path: path)
    unix.send("LOGIN b open\n")
    unix.expect("401 secret\n")
    unix.expectEnd()
    let right = try TestClient(path: path)
    right.send("LOGIN b secret sesame\n")
    right.expect("200\n")

    let refused = try TestClient(path: both)
    refused.send("LOGIN c magic\n")
    refused.expect("401 secret open\n")
    refused.expectEnd()
  }

  @Test("Clients of different listeners reach each other")
  func oneServer() throws {
    let path = TemporaryFile.newPath()
    let server = try ServerProcess(["--open", "--listen", "unix:\(path)", "--loops", "2"])
    try server.waitForLog("listen address=unix:")
    let tcp = try server.login("a")
    let unix = try TestClient(path: path)
    unix.send("LOGIN b open\nUCAST a hello\n")
    unix.expect("200\n200\n")
    tcp.expect("000 b UCAST a hello\n")
  }

  @Test("Open login on an address that others can reach is warned about, and on loopback it is not (Open login)")
  func openWarning() throws {
    let server = try ServerProcess(listen: "tcp://0.0.0.0:0")
    let warning = try server.waitForLog(" warning ")
    #expect(
      warning.hasSuffix(
        "warning listen open address=tcp://0.0.0.0:\(server.port) because=\"anybody who can connect may log in as anybody\""
      ))
    _ = try server.login("a")

    let local = try ServerProcess()
    _ = try local.login("a")
    #expect(local.stop() == 0)
    #expect(!local.logLines.contains { $0.contains(" warning ") })
  }

  @Test("Of a secret on an address that others can reach nobody says that anybody may come in")
  func secretNoWarning() throws {
    let secret = try TemporaryFile("sesame\n")
    let server = try ServerProcess(["--secret-file", secret.path + "?short"], listen: "tcp://0.0.0.0:0")
    #expect(server.stop() == 0)
    #expect(!server.logLines.contains { $0.contains("anybody") })
  }
}
