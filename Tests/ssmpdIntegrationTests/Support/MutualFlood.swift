// Two clients that send to each other as fast as they can.

import Testing

/// Two logged-in clients, `a` and `b`, that flood each other with numbered unicasts and read what comes: everything
/// once, in order, and a 200 for each request. It takes four threads.
struct MutualFlood: Sendable {
  /// The roles that `run` takes: each client's writer and reader.
  static let roles = 4

  private let clients: [TestClient]
  private let total: Int
  private let text: String

  /// Messages of `total` a side.
  init(_ a: TestClient, _ b: TestClient, total: Int, text: String) {
    clients = [a, b]
    self.total = total
    self.text = text
  }

  /// Runs one of the roles on the calling thread, to its end.
  func run(_ role: Int) throws {
    let own = role % 2
    let (name, peer) = own == 0 ? ("a", "b") : ("b", "a")
    if role < 2 {
      for number in 0..<total { clients[own].send("UCAST \(peer) \(number) \(text)\n") }
      return
    }
    var replies = 0
    var events = 0
    while replies < total || events < total {
      let line = try clients[own].line()
      if line == "200\n" {
        replies += 1
      } else {
        try #require(line == "000 \(peer) UCAST \(name) \(events) \(text)\n")
        events += 1
      }
    }
  }
}
