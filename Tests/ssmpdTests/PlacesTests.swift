// Where sockets are to be, before they are made.

import Foundation
import Testing

@testable import ssmpd

@Suite("Places of sockets")
struct PlacesTests {
  private func fault(_ arguments: String...) throws -> String {
    try #require(throws: ConfigurationError.self) { try Configuration(arguments: arguments).validate() }.description
  }

  @Test("The same address twice is refused, whatever else differs")
  func twice() throws {
    let tcp = "tcp://127.0.0.1:8788"
    for (one, other) in [
      (tcp, tcp), (tcp, "\(tcp)?auth=open"), ("tcp://*:8788", "tcp://*:8788"), ("unix:/s", "unix:/s"),
      ("systemd+tcp:a", "systemd+tcp:a"), ("tcp://[::]:8788", "tcp://*:8788"),
    ] {
      #expect(
        try fault("--open", "--listen", one, "--listen", other)
          == "--listen: '\(other)' is where '\(one)' is already; give each address once")
    }
    #expect(
      try fault("--open", "--listen", tcp, "--metrics", tcp).hasPrefix("--metrics: '\(tcp)' is where '\(tcp)' is"))
    #expect(
      try fault("--open", "--listen", "unix:/s", "--admin", "/s").hasPrefix("--admin: '/s' is where 'unix:/s' is"))
  }

  @Test("Addresses that differ, and port 0, may be given as often as wanted")
  func different() throws {
    try Configuration(arguments: [
      "--open", "--listen", "tcp://127.0.0.1:0", "--listen", "tcp://127.0.0.1:0", "--listen", "tcp://127.0.0.1:1",
      "--listen", "tcp://127.0.0.2:1", "--listen", "unix:/s", "--listen", "unix:/t",
    ]).validate()
  }

  private func check(_ arguments: String...) throws -> [String] {
    var reading = FileReading(.check)
    try Configuration(arguments: arguments).checkPlaces(&reading)
    return reading.oddities
  }

  @Test("A folder that is missing or none, or something in the place of a socket, is found")
  func folders() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("p\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(FileManager.default.createFile(atPath: folder + "/file", contents: nil))
    #expect(try check("--admin", folder + "/s", "--listen", "unix:\(folder)/t") == [])
    for (path, reason) in [
      ("\(folder)/none/s", "there is no folder '\(folder)/none'; make it"),
      ("\(folder)/file/s", "'\(folder)/file' is no folder"),
      ("\(folder)/file", "something else than a socket is there; take it away"),
    ] {
      let admin = try #require(throws: ConfigurationError.self) { try check("--admin", path) }
      #expect(admin.description == "--admin: '\(path)' cannot be used: \(reason)")
      let listener = try #require(throws: ConfigurationError.self) { try check("--listen", "unix:\(path)") }
      #expect(listener.description == "--listen: 'unix:\(path)' cannot be used: \(reason)")
    }
  }

  @Test("Addresses of which one takes in the other are found")
  func overlapping() throws {
    for (one, other) in [
      ("tcp://*:9001", "tcp://127.0.0.1:9001"), ("tcp://127.0.0.1:9001", "tcp://*:9001"),
      ("tcp://0.0.0.0:9001", "tcp://127.0.0.1:9001"), ("tcp://*:9001", "tcp://0.0.0.0:9001"),
      ("tcp://*:9001", "tcp://[::1]:9001"), ("tls://[::]:9001?auth=cert", "tcp://127.0.0.1:9001"),
      ("tcp://127.0.0.1:9001", "tcp://[::ffff:127.0.0.1]:9001"), ("tcp://0.0.0.0:9001", "tcp://[::ffff:1.2.3.4]:9001"),
    ] {
      let fault = try #require(throws: ConfigurationError.self) {
        try check("--open", "--listen", one, "--listen", other)
      }
      #expect(
        fault.description == "--listen: '\(other)' is where '\(one)' is already; give each address once", "\(one)")
    }
    let metrics = try #require(throws: ConfigurationError.self) {
      try check("--listen", "tcp://*:9001", "--metrics", "tcp://127.0.0.1:9001")
    }
    #expect(
      metrics.description == "--metrics: 'tcp://127.0.0.1:9001' is where 'tcp://*:9001' is already; give another port")
    #expect(
      try check(
        "--listen", "tcp://*:0", "--listen", "tcp://127.0.0.1:0", "--listen", "tcp://0.0.0.0:1", "--listen",
        "tcp://[::1]:1", "--listen", "tcp://127.0.0.1:2", "--listen", "tcp://127.0.0.2:2") == [])
  }

  @Test("The same unix socket by another path is found")
  func otherPath() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("p\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: folder + "l", withDestinationPath: folder)
    defer { for path in [folder, folder + "l"] { try? FileManager.default.removeItem(atPath: path) } }
    let name = try #require(folder.split(separator: "/").last)
    for other in ["\(folder)//s", "\(folder)/./s", "\(folder)l/s", "\(folder)/../\(name)/s"] {
      let listener = try #require(throws: ConfigurationError.self) {
        try check("--listen", "unix:\(folder)/s", "--listen", "unix:\(other)")
      }
      #expect(
        listener.description
          == "--listen: 'unix:\(other)' is where 'unix:\(folder)/s' is already; give each address once")
      let admin = try #require(throws: ConfigurationError.self) {
        try check("--listen", "unix:\(folder)/s", "--admin", other)
      }
      #expect(
        admin.description == "--admin: '\(other)' is where 'unix:\(folder)/s' is already; give another path")
    }
    #expect(try check("--listen", "unix:\(folder)/s", "--listen", "unix:\(folder)/t", "--admin", "\(folder)l/u") == [])
    // What the unit makes is compared as it is written.
    let unmade = "/run/ssmpd-\(UUID().uuidString.prefix(8))"
    #expect(throws: ConfigurationError.self) { try check("--listen", "unix:\(unmade)/s", "--admin", "\(unmade)//s") }
  }

  @Test("A folder that a unit makes may be missing while the unit does not run")
  func runtimeFolder() throws {
    let notes = try check("--admin", "/run/ssmpd-\(UUID().uuidString.prefix(8))/admin.sock")
    #expect(notes.count == 1 && notes[0].hasSuffix("but with RuntimeDirectory= the unit makes it"))
  }
}
