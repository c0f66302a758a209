// A connection of the played loops.

import SSMPCore

/// One connection, with all that its loop knows of it.
public struct Connection {
  /// Its place, as the registry knows it.
  public let client: ClientID
  /// The schemes that its listener offers.
  public let schemes: SchemeSet
  /// The names that its certificate proves; `nil` when it has presented none.
  public let names: CertificateNames?
  /// The state of its conversation.
  public internal(set) var session: Session
  /// All bytes that were delivered to it.
  public internal(set) var received: [UInt8] = []
  /// Why it was closed; `nil` while it is open.
  public internal(set) var closed: CloseReason?
  /// True while it waits for a `resume` delivery.
  public internal(set) var isHeld = false
  /// False when it has been held often enough for recipients that keep others waiting.
  public var isPatient = true
  /// How often the rest of what it sent was put off to another turn.
  public internal(set) var yields = 0
  /// True when its initial batch of presence has more.
  public internal(set) var owesRoster = false
  /// True when it left by itself, so that deliveries on their way to it are lost.
  public internal(set) var hungUp = false
  /// What it sent and what was not served yet.
  public internal(set) var input: [UInt8] = []
  /// How many of the received bytes `World.heard` has returned.
  var read = 0

  /// True when nothing more comes from it or goes to it.
  public var isOver: Bool { closed != nil || hungUp }
}

/// What happened, in the order in which the registry decided it: what a model has to be told.
public enum Step {
  /// Requests of a connection were served, or it ended at one of them; `isBroken` when an error of the grammar followed.
  case served(Int, lines: [[UInt8]], isBroken: Bool)
  /// A connection hung up.
  case left(Int)
  /// A LOGIN under this name has displaced the connection that had it, if there was one, and waits for its departure.
  case displaced(by: [UInt8])
}
