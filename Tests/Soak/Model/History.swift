// What a client has done and seen lately.

/// The last steps of one connection, for the report of a failure. A step costs no text before somebody asks.
struct History {
  enum Step {
    case opened, loginQueued, silent, half, reset, ended(String), stopped(milliseconds: Int), note(String)
    case queued(Request, sequence: Int?)
    case answer(UInt16)
    case pong, ping
    case message(sender: Int, sequence: Int, Request)
    case presence(identity: Int, topic: Int, joins: Bool, withPresence: Bool)
  }

  private(set) var steps: [(tick: UInt64, step: Step)] = []
  private var next = 0
  static let length = 400

  mutating func add(_ tick: UInt64, _ step: Step) {
    if steps.count < Self.length {
      steps.append((tick, step))
    } else {
      steps[next] = (tick, step)
      next = (next + 1) % Self.length
    }
  }

  /// The steps, oldest first, a line each.
  func lines(_ names: Names) -> [String] {
    (steps[next...] + steps[..<next]).map { "  \($0.tick) \(Self.text($0.step, names))" }
  }

  private static func text(_ step: Step, _ names: Names) -> String {
    switch step {
    case .opened: return "connected"
    case .loginQueued: return "> LOGIN"
    case .silent: return "says nothing"
    case .half: return "shut down its sending side"
    case .reset: return "reset"
    case .ended(let how): return "ended: \(how)"
    case .stopped(let milliseconds): return "stops reading for \(milliseconds) ms"
    case .note(let text): return text
    case .queued(let request, let sequence):
      return "> \(text(request, names))" + (sequence.map { " (message \($0))" } ?? "")
    case .answer(let code): return "< \(code)"
    case .pong: return "< PONG"
    case .ping: return "< PING"
    case .message(let sender, let sequence, let request):
      return "< \(text(request, names)) (message \(sequence) of session \(sender))"
    case .presence(let identity, let topic, let joins, let presence):
      let verb = joins ? "SUBSCRIBE" : "UNSUBSCRIBE"
      let name = names.text(identity: identity)
      return "< \(name) \(verb) \(names.text(topic: topic))\(presence ? " PRESENCE" : "")"
    }
  }

  private static func text(_ request: Request, _ names: Names) -> String {
    switch request {
    case .subscribe(let topic, let presence): "SUBSCRIBE \(names.text(topic: topic))\(presence ? " PRESENCE" : "")"
    case .unsubscribe(let topic): "UNSUBSCRIBE \(names.text(topic: topic))"
    case .unicast(let identity): "UCAST \(names.text(identity: identity))"
    case .multicast(let topic): "MCAST \(names.text(topic: topic))"
    case .broadcast: "BCAST"
    case .ping: "PING"
    case .pong: "PONG"
    case .close: "CLOSE"
    case .unknown: "an unknown verb"
    case .secondLogin: "a second LOGIN"
    case .malformed: "a line that breaks the grammar"
    }
  }
}
