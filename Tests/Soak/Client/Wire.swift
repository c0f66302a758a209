// Requests as bytes.

import FuzzHarness

/// Writes requests as a client sends them.
enum Wire {
  static func login(_ name: [UInt8], scheme: String, to output: inout [UInt8]) {
    output += Array("LOGIN ".utf8) + name + Array(" \(scheme)\n".utf8)
  }

  /// - Parameter payload: that of a message.
  static func write(
    _ request: Request, payload: [UInt8]?, _ names: Names, _ random: inout Chance, to output: inout [UInt8]
  ) {
    func put(_ text: String) { output.append(contentsOf: text.utf8) }
    switch request {
    case .subscribe(let topic, let presence):
      put("SUBSCRIBE ")
      output += names.topics[topic]
      if presence { put(" PRESENCE") }
    case .unsubscribe(let topic):
      put("UNSUBSCRIBE ")
      output += names.topics[topic]
    case .unicast(let identity):
      put("UCAST ")
      output += names.identities[identity]
      put(" ")
    case .multicast(let topic):
      put("MCAST ")
      output += names.topics[topic]
      put(" ")
    case .broadcast: put("BCAST ")
    case .ping: put("PING")
    case .pong: put("PONG")
    case .close: put("CLOSE")
    case .secondLogin: put("LOGIN somebody open")
    case .unknown:
      put(random.pick(["FOO", "FOO bar", "HELLO world what is this", "X \u{0}\u{0}y", "LOGOUT", "SUBSCRIBERS a b"]))
    case .malformed: put(random.pick(["subscribe a", "UCAST a", "MCAST  x", "PING now", "SUBSCRIBE a ABSENCE", ""]))
    }
    if let payload { output += payload }
    output.append(10)
  }
}
