// OpenSSL's own server, for tests of the client.

import Foundation
import TLSHarness
import Testing

/// `openssl s_server` on a free port, which answers every line with the same line backwards, one client at a time.
final class OpenSSLServer {
  private let process = Process()
  private let folder: URL
  private(set) var port: UInt16 = 0

  /// Starts it with a certificate of `root`, and waits until it listens.
  init(_ arguments: [String] = [], root: TestCertificate) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssmpd-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    let own = try root.server()
    try own.certificatePEM.write(to: file("server"), atomically: true, encoding: .utf8)
    try own.keyPEM.write(to: file("key"), atomically: true, encoding: .utf8)
    try root.certificatePEM.write(to: file("root"), atomically: true, encoding: .utf8)
    try Data().write(to: file("log"))
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["openssl", "s_server", "-rev", "-accept", "127.0.0.1:0"]
      + ["-cert", file("server").path, "-key", file("key").path, "-CAfile", file("root").path] + arguments
    let log = try FileHandle(forWritingTo: file("log"))
    (process.standardOutput, process.standardError) = (log, log)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    port = try waitForPort()
  }

  deinit {
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(at: folder)
  }

  private func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// It says `ACCEPT ADDRESS:PORT`.
  private func waitForPort() throws -> UInt16 {
    let deadline = Date() + Double(TLSClient.patience) / 1000
    while Date() < deadline {
      let log = try String(contentsOf: file("log"), encoding: .utf8)
      let line = log.split(separator: "\n", omittingEmptySubsequences: false).dropLast().first {
        $0.hasPrefix("ACCEPT ")
      }
      if let port = line?.split(separator: ":").last.flatMap({ UInt16($0) }) { return port }
      try #require(process.isRunning, "s_server has ended: \(log)")
      usleep(5_000)
    }
    try #require(Bool(false), "s_server does not listen")
    return 0
  }
}
