// The server from start to stop.

import Foundation
import Testing

@Suite("Start and stop")
struct StartAndStopTests {
  @Test("SIGTERM ends the server with exit code 0, and connections are closed")
  func terminates() throws {
    let server = try ServerProcess()
    let client = try server.login("a")
    #expect(server.stop() == 0)
    client.expectEnd()
  }
}
