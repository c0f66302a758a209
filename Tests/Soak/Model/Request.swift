// What a client asks for, and what the model expects of it.

import SSMPCore

/// A request of a simulated client. Identities and topics are numbers.
enum Request: Equatable {
  case subscribe(Int, presence: Bool)
  case unsubscribe(Int)
  case unicast(Int)
  case multicast(Int)
  case broadcast
  case ping
  /// What answers a PING event; nothing answers it.
  case pong
  case close
  /// A verb that the server does not know.
  case unknown
  case secondLogin
  /// Bytes that no request begins with.
  case malformed
}

/// A message on its way: one request for one, some or many recipients.
final class Sent {
  let id: Int
  let sender: Session
  let request: Request
  let payload: Payload
  /// When it was put into the sender's output.
  let begin: UInt64
  /// The topics that its sender subscribes to when it is served, one bit each.
  let topics: UInt64
  /// When its answer was read; `nil` as long as it was not.
  var answered: UInt64?
  var code: UInt16 = 0
  /// The sessions that have received it.
  var recipients: [Int] = []

  init(id: Int, sender: Session, _ request: Request, _ payload: Payload, begin: UInt64, topics: UInt64) {
    (self.id, self.sender, self.request, self.payload) = (id, sender, request, payload)
    (self.begin, self.topics) = (begin, topics)
  }

  var verb: Verb {
    switch request {
    case .unicast: .ucast
    case .multicast: .mcast
    default: .bcast
    }
  }
}

/// A request that is not answered yet.
struct Pending {
  enum Kind {
    case login
    case request(Request)
  }

  let kind: Kind
  /// When it was put into the client's output.
  let begin: UInt64
  /// The only code it can be answered by; `nil` where that depends on others. A PONG counts as 0.
  let code: UInt16?
  let sent: Sent?
}
