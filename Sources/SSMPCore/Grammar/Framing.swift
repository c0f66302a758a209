// How the lines of one connection end.

/// How a connection's text messages end (docs/protocol.md, line mode).
public enum Framing: UInt8, BitwiseCopyable, Sendable {
  /// Nothing has come yet: the first request may end in LF or in CR LF, and decides for those that follow.
  case undecided
  /// Strict to the byte: a CR is data inside a payload and an error anywhere else.
  case exact
  /// For people with `telnet`: one CR before the LF that ends a text message is not part of the message.
  case line

  /// True while a CR before the LF is dropped.
  @inline(__always) var dropsCR: Bool { self != .exact }
}
