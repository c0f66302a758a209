// Conversations in text, for tests that read like them.

import SSMPCore

extension World {
  /// Connects and logs in by `open`; returns the connection's number, with nothing left to be heard.
  public func login(_ name: String, loop: Int = 0) throws -> Int {
    let number = connect(loop: loop)
    let answer = try say(number, "LOGIN \(name) open\n")
    try check(answer == "200\n", "LOGIN \(name) was answered \(answer)")
    return number
  }

  /// Sends text, lets everything happen, and returns what the sender has received since it was last asked.
  @discardableResult
  public func say(_ number: Int, _ words: String) throws -> String {
    send(number, Array(words.utf8))
    try settle()
    return heard(number)
  }

  /// What a connection has received since it was last asked, as text.
  public func heard(_ number: Int) -> String {
    defer { connections[number].read = connections[number].received.count }
    return text(connections[number].received[connections[number].read...])
  }
}
