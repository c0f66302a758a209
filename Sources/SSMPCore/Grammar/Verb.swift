// The verbs of the protocol.

/// What a request asks for (Grammar: `request`, `forwardable`).
public enum Verb: UInt8, CaseIterable, BitwiseCopyable, Sendable {
  case login, close, ping, pong, subscribe, unsubscribe, ucast, mcast, bcast
  /// Any other verb that the grammar allows (`compat`).
  case unknown

  /// The verb as it is written, except for `.unknown`, which has no one spelling.
  public var name: StaticString {
    switch self {
    case .login: "LOGIN"
    case .close: "CLOSE"
    case .ping: "PING"
    case .pong: "PONG"
    case .subscribe: "SUBSCRIBE"
    case .unsubscribe: "UNSUBSCRIBE"
    case .ucast: "UCAST"
    case .mcast: "MCAST"
    case .bcast: "BCAST"
    case .unknown: "unknown"
    }
  }

  /// The length of the verb's name.
  @inline(__always) var length: Int {
    switch self {
    case .ping, .pong: 4
    case .login, .close, .ucast, .mcast, .bcast: 5
    case .subscribe: 9
    case .unsubscribe: 11
    case .unknown: 0
    }
  }

  /// The verb with its letters packed into `key`, the last letter in the lowest byte.
  @inline(__always) init(key: UInt128) {
    switch key {
    case 0x4c4f47494e: self = .login
    case 0x434c4f5345: self = .close
    case 0x50494e47: self = .ping
    case 0x504f4e47: self = .pong
    case 0x535542534352494245: self = .subscribe
    case 0x554e535542534352494245: self = .unsubscribe
    case 0x5543415354: self = .ucast
    case 0x4d43415354: self = .mcast
    case 0x4243415354: self = .bcast
    default: self = .unknown
    }
  }

  /// The verb of a message at `start`, by far the most frequent requests, all at once; `nil` for any other, and near the end
  /// of the span.
  @inline(__always) init?(message bytes: RawSpan, at start: Int) {
    guard start + 8 <= bytes.byteCount else { return nil }
    let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
    switch UInt64(bigEndian: word) >> 16 {
    case 0x5543_4153_5420: self = .ucast
    case 0x4d43_4153_5420: self = .mcast
    case 0x4243_4153_5420: self = .bcast
    default: return nil
    }
  }
}
