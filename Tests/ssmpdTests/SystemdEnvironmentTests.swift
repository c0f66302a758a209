// What systemd tells a service in its environment.

import Testing

@testable import ssmpd

@Suite("systemd's environment")
struct SystemdEnvironmentTests {
  private func read(_ variables: [String: String]) throws -> SystemdEnvironment {
    try SystemdEnvironment(pid: 77) { variables[$0] }
  }

  private func fault(_ variables: [String: String]) throws -> String {
    try #require(throws: ConfigurationError.self) { try read(variables) }.description
  }

  @Test("Without systemd there is nothing to report to, no watchdog, and no socket")
  func none() throws {
    #expect(try read([:]) == SystemdEnvironment())
    #expect(try read(["NOTIFY_SOCKET": ""]) == SystemdEnvironment())
  }

  @Test("The address to report to is taken as it is")
  func notify() throws {
    #expect(try read(["NOTIFY_SOCKET": "/run/systemd/notify"]).notifySocket == "/run/systemd/notify")
    #expect(try read(["NOTIFY_SOCKET": "@abstract"]).notifySocket == "@abstract")
  }

  @Test("A watchdog is meant for the process that WATCHDOG_PID names, or for anybody where there is none")
  func watchdog() throws {
    #expect(try read(["WATCHDOG_USEC": "30000000"]).watchdog == 30_000_000)
    #expect(try read(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "77"]).watchdog == 30_000_000)
    #expect(try read(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "78"]).watchdog == nil)
    #expect(try read(["WATCHDOG_USEC": "0"]).watchdog == nil)
    #expect(try read(["WATCHDOG_PID": "77"]).watchdog == nil)
  }

  @Test("Sockets are meant for the process that LISTEN_PID names, and for nobody where there is none")
  func sockets() throws {
    let two = ["LISTEN_FDS": "2", "LISTEN_FDNAMES": "devices:local"]
    #expect(
      try read(two.merging(["LISTEN_PID": "77"]) { $1 }).handovers
        == [.init(descriptor: 3, name: "devices"), .init(descriptor: 4, name: "local")])
    #expect(try read(two.merging(["LISTEN_PID": "78"]) { $1 }).handovers == [])
    #expect(try read(two).handovers == [])
    #expect(try read(["LISTEN_FDS": "0", "LISTEN_PID": "77", "LISTEN_FDNAMES": ""]).handovers == [])
  }

  @Test("Sockets without names are called as systemd calls them")
  func unnamed() throws {
    #expect(
      try read(["LISTEN_FDS": "1", "LISTEN_PID": "77"]).handovers == [.init(descriptor: 3, name: "unknown")])
  }

  @Test("A variable that is not as systemd writes it is an error that names it")
  func faults() throws {
    #expect(
      try fault(["LISTEN_FDS": "x", "LISTEN_PID": "77"])
        == "LISTEN_FDS: 'x' is not accepted; give a number from 0 to 256")
    #expect(try fault(["LISTEN_FDS": "257", "LISTEN_PID": "77"]).hasPrefix("LISTEN_FDS: '257' is not accepted"))
    #expect(try fault(["LISTEN_FDS": "-1", "LISTEN_PID": "77"]).hasPrefix("LISTEN_FDS: '-1' is not accepted"))
    #expect(try fault(["LISTEN_FDS": "1", "LISTEN_PID": "x"]).hasPrefix("LISTEN_PID: 'x' is not accepted"))
    #expect(
      try fault(["LISTEN_FDS": "2", "LISTEN_PID": "77", "LISTEN_FDNAMES": "a"])
        == "LISTEN_FDNAMES: 'a' is not accepted; give as many names, with colons between them, as LISTEN_FDS says")
    #expect(try fault(["WATCHDOG_USEC": "30s"]).hasPrefix("WATCHDOG_USEC: '30s' is not accepted"))
    #expect(try fault(["WATCHDOG_USEC": "99999999999999999999"]).hasPrefix("WATCHDOG_USEC: '9"))
    #expect(try fault(["WATCHDOG_USEC": "1", "WATCHDOG_PID": ""]).hasPrefix("WATCHDOG_PID: '' is not accepted"))
  }
}
