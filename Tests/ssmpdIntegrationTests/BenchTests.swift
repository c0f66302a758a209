// The real ssmp-bench against the real ssmpd, and against a server that breaks its promises.

import Foundation
import TLSHarness
import Testing

@Suite("ssmp-bench", .serialized)
struct BenchTests {
  /// Counts and no durations: however busy the machine, there is something to measure.
  private static let loads = [
    ["unicast", "--count", "20000"], ["unicast", "--rate", "2000", "--count", "800", "--loops", "2"],
    ["multicast", "--subscribers", "20", "--count", "5000", "--loops", "2"],
    ["multicast", "--rate", "100", "--count", "40"],
    ["multicast", "--publishers", "6", "--topics", "3", "--count", "5000"],
    ["broadcast", "--topics", "2", "--publishers", "4", "--count", "1000"],
    ["presence", "--connections", "20", "--count", "2000"],
    ["connect", "--connections", "8", "--count", "200"],
    ["connect", "--connections", "8", "--rate", "50", "--count", "20"],
    ["idle", "--connections", "50", "--duration", "500ms", "--loops", "2"],
    ["mixed", "--connections", "30", "--topics", "3", "--count", "2000", "--loops", "2"],
  ]

  @Test("Every scenario passes over TCP, and every event comes", arguments: loads)
  func plain(load: [String]) throws {
    let server = try ServerProcess(["--open", "--max-waiting-per-address", "0"])
    try check(load + ["tcp://127.0.0.1:\(server.port)"], server.process.processIdentifier)
  }

  @Test("Every scenario passes over TLS with certificates", arguments: loads)
  func secured(load: [String]) throws {
    let server = try TLSServer(["--max-waiting-per-address", "0"])
    try check(load + credentials(for: server), server.process.process.processIdentifier)
  }

  /// Logs in by a certificate of the server's authority.
  private func credentials(for server: TLSServer) throws -> [String] {
    let device = try server.authority.device("device")
    try server.files.write("device.pem", device.certificatePEM)
    try server.files.write("device.key", device.keyPEM)
    return [
      "--auth", "cert", "--user", "device", "--cacert", server.files.path("ca.pem"), "--cert",
      server.files.path("device.pem"), "--key", server.files.path("device.key"),
      "tls://127.0.0.1:\(try server.process.port(of: "tls"))",
    ]
  }

  @Test("With --resume all but the first connections resume a session")
  func resumption() throws {
    let server = try TLSServer(["--max-waiting-per-address", "0"])
    let (output, errors, code) = try runBench(
      try ["connect", "--resume", "--connections", "4", "--count", "50", "--json"]
        + credentials(for: server))
    #expect(code == 0, "\(output)\(errors)")
    #expect(output.contains("\"resumed\":46,"), "\(output)")
  }

  private func check(_ arguments: [String], _ process: Int32) throws {
    let figures = ["--json", "--server-pid", "\(process)"]
    let (output, errors, code) = try runBench(arguments + figures)
    #expect(code == 0 && errors == "", "\(output)\(errors)")
    let found = try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    #expect(found["ok"] as? Bool == true)
    #expect(try #require(found["events"] as? Int) > 0)
    #expect(try #require(found["latency_p50"] as? Double) > 0)
    #expect(found["server_resident_kib"] as? Int ?? 0 > 1000)
  }

  @Test("Others may come and go where presence is measured, whatever their names")
  func strangers() throws {
    let server = try ServerProcess(["--open", "--max-waiting-per-address", "0"])
    let names = ["someone/with/a/longer/name/than/twenty", "bench", "bench/x", "bench/99999999999999999999"]
    let strangers = try names.map { try server.login($0) }
    let isOver = DispatchSemaphore(value: 0)
    let coming = DispatchGroup()
    DispatchQueue.global().async(group: coming) {
      repeat {
        for stranger in strangers {
          stranger.send("SUBSCRIBE bench/topic/0\nUNSUBSCRIBE bench/topic/0\n")
          while (try? stranger.line())?.hasPrefix("000 ") == true {}
          while (try? stranger.line())?.hasPrefix("000 ") == true {}
        }
      } while isOver.wait(timeout: .now()) == .timedOut
    }
    try check(
      ["presence", "--connections", "10", "--count", "1000", target(server)], server.process.processIdentifier)
    isOver.signal()
    coming.wait()
  }

  @Test("A duration ends the run, and all that was sent until then comes")
  func duration() throws {
    let server = try ServerProcess(["--open", "--max-waiting-per-address", "0"])
    let (output, errors, code) = try runBench([
      "unicast", "--warmup", "100ms", "--duration", "400ms", "--json", target(server),
    ])
    #expect(code == 0, "\(output)\(errors)")
    let found = try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    #expect(found["ok"] as? Bool == true)
    #expect(try #require(found["seconds"] as? Double) >= 0.4)
  }

  @Test("A count ends the run when all has come")
  func count() throws {
    let server = try ServerProcess(["--open", "--max-waiting-per-address", "0"])
    let (output, errors, code) = try runBench([
      "multicast", "--subscribers", "3", "--count", "1001", "--json", target(server),
    ])
    #expect(code == 0, "\(output)\(errors)")
    #expect(output.contains("\"sent\":1001,\"events\":3003,"), "\(output)\(errors)")
  }

  @Test(
    "A lost, doubled, late or refused message makes it exit 1 and is counted",
    arguments: [
      (FakeServer.Fault.loses, "\"lost\":1,"), (.doubles, "\"duplicates\":1,"), (.swaps, "\"reordered\":1,"),
      (.refuses, "\"refused\":1,"),
    ])
  func faults(fault: FakeServer.Fault, figure: String) throws {
    let server = try FakeServer(fault)
    let (output, errors, code) = try runBench(Self.few + ["--json", "tcp://127.0.0.1:\(server.port)"])
    #expect(code == 1, "\(output)\(errors)")
    #expect(output.contains(figure), "\(output)\(errors)")
    #expect(output.contains("\"ok\":false"))
  }

  @Test("The same server without a fault passes, so that it is the fault that is found")
  func faultless() throws {
    let server = try FakeServer(.none)
    let (output, errors, code) = try runBench(Self.few + ["tcp://127.0.0.1:\(server.port)"])
    #expect(code == 0, "\(output)\(errors)")
    #expect(output.contains("ok: all came, once, in order"), "\(output)\(errors)")
  }

  private static let few = ["unicast", "--connections", "2", "--count", "60", "--window", "8"]

  @Test("A secret is used, and a wrong one ends the run with code 3")
  func secret() throws {
    let (right, wrong) = (try TemporaryFile("open sesame\n"), try TemporaryFile("wrong\n"))
    let server = try ServerProcess(["--secret-file", right.path + "?short", "--max-waiting-per-address", "0"])
    let load = ["multicast", "--count", "10", "--auth", "secret", target(server), "--secret-file"]
    let accepted = try runBench(load + [right.path])
    #expect(accepted.code == 0, "\(accepted.errors)")
    let (_, errors, code) = try runBench(load + [wrong.path])
    #expect(code == 3 && errors == "ssmp-bench: connection bench/0: LOGIN was answered 401\n", "\(code): \(errors)")
  }

  @Test(
    "A wrong secret is one failed login, so that the server does not throttle the address",
    arguments: [
      ["multicast", "--count", "10"], ["unicast", "--count", "100", "--loops", "2"],
      ["connect", "--connections", "8", "--count", "20"],
    ])
  func firstLogin(load: [String]) throws {
    let (right, wrong) = (try TemporaryFile("open sesame\n"), try TemporaryFile("wrong\n"))
    let server = try ServerProcess([
      "--secret-file", right.path + "?short", "--max-waiting-per-address", "0", "--max-failed-logins", "2",
    ])
    let arguments = load + ["--auth", "secret", target(server), "--secret-file"]
    let refused = try runBench(arguments + [wrong.path])
    #expect(refused.code == 3 && refused.errors.contains("LOGIN was answered 401"), "\(refused.errors)")
    let (output, errors, code) = try runBench(arguments + [right.path])
    #expect(code == 0, "\(output)\(errors)")
    #expect(try server.report()["401"] == 1)
  }

  @Test("An error says which response the server did not send before it closed the connection")
  func closedBeforeLogin() throws {
    let server = try ServerProcess(["--open", "--max-connections-per-address", "1"])
    let (_, errors, code) = try runBench(["multicast", "--count", "10", target(server)])
    #expect(code == 3 && errors.hasSuffix(" before LOGIN was answered\n"), "\(code): \(errors)")
  }

  @Test("Wrong options end it with code 2 and one line; no server, with code 3")
  func failures() throws {
    let (output, errors, code) = try runBench(["multicast"])
    #expect(
      code == 2 && output == "" && errors == "ssmp-bench: no server is given; give tcp://ADDRESS:PORT, say\n",
      "\(output)\(errors)")
    let refused = try runBench(["multicast", "tcp://127.0.0.1:1"])
    #expect(refused.code == 3 && refused.errors.contains("Connection refused"), "\(refused.errors)")
    #expect(try runBench(["--help"]).output.contains("usage: ssmp-bench SCENARIO"))
  }

  @Test("A server whose authority is not the one that is trusted is refused")
  func untrusted() throws {
    let server = try TLSServer()
    let other = try TemporaryFile(try TestCertificate.authority("Other CA").certificatePEM)
    let port = try server.process.port(of: "tls")
    let (_, errors, code) = try runBench(["multicast", "--cacert", other.path, "tls://127.0.0.1:\(port)"])
    #expect(code == 3 && errors.contains("certificate verify failed"), "\(errors)")
  }

  private func target(_ server: ServerProcess) -> String { "tcp://127.0.0.1:\(server.port)" }
}

/// Runs ssmp-bench to its end, and returns what it wrote and its exit code.
private func runBench(_ arguments: [String]) throws -> (output: String, errors: String, code: Int32) {
  try runToEnd(arguments, ServerProcess.builtWithTests("ssmp-bench"))
}
