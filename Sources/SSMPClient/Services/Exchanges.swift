// Requests to other clients that wait for their answers.

/// The requests that a client has made of others, and the queue of those that others make of it.
struct Exchanges {
  /// A request that waits for its answer.
  struct Pending {
    /// The client that may answer; `nil` for any, of a request to a topic.
    let recipient: ID?
    /// The topic of a request to all its members.
    let topic: ID?
    /// When it is given up.
    let deadline: UInt64
    /// What each client that answers has sent of its answer.
    var parts: [ID: [SSMPClient.Reply.Part]] = [:]
    /// The task that waits; `nil` for a request to a topic.
    let asker: Asker?
    /// Where answers to a request to a topic go.
    let answers: EventQueue<Answer>?
  }

  /// An answer to a request to a topic, or a change of those that can answer.
  struct Answer: BufferedEvent {
    /// `nil` for a change: a member has left, or the request has been sent.
    let content: (from: ID, reply: SSMPClient.Reply)?
    static func dropped(_ count: Int) -> Answer? { nil }
  }

  /// A request of another client.
  struct Incoming: BufferedEvent {
    let from: ID
    let message: ExchangeMessage
    static func dropped(_ count: Int) -> Incoming? { nil }
  }

  var pending: [ID: Pending] = [:]
  /// Where requests of others go; `nil` if nothing serves them.
  var incoming: EventQueue<Incoming>?
  /// True once a request was made.
  var hasAsked = false

  /// No request is given up before this moment; never if it is `.max`.
  private(set) var deadline = UInt64.max
  /// The tags of requests that have ended a short time ago: answers to those are late ones.
  private(set) var ended: Set<ID> = []
  private var endings = Fifo<ID>()
  private static let memory = 256

  /// Notes that a request begins.
  mutating func begin(_ tag: ID, _ deadline: UInt64) {
    hasAsked = true
    self.deadline = min(self.deadline, deadline)
  }

  /// Takes a request that ends.
  mutating func end(_ tag: ID) -> Pending? {
    guard let request = pending.removeValue(forKey: tag) else { return nil }
    if pending.isEmpty { deadline = .max }
    ended.insert(tag)
    endings.append(tag)
    if endings.count > Self.memory, let oldest = endings.popFirst() { ended.remove(oldest) }
    return request
  }

  /// Finds the earliest moment among the requests that are left.
  mutating func findDeadline() {
    deadline = pending.values.reduce(.max) { min($0, $1.deadline) }
  }

  /// True if nothing of the conventions is in use, so that payloads need not be looked at.
  var isIdle: Bool { incoming == nil && !hasAsked }
}
