// Which connection a client is.

/// A connection of the server: the event loop that owns it, and its slot in that loop's table.
///
/// A slot is given to another connection only after its loop has worked off everything that was addressed to the one
/// before, so an identifier needs no generation. Only a `resume` may come later, and is a hint.
public struct ClientID: BitwiseCopyable, Hashable, Sendable {
  let raw: UInt32

  init(raw: UInt32) {
    self.raw = raw
  }

  /// The most loops there can be.
  public static let maxLoops = 64
  /// The most slots a loop can have.
  public static let maxSlots = 1 << 24

  /// The connection in `slot` of `loop`.
  public init(loop: Int, slot: UInt32) {
    raw = UInt32(truncatingIfNeeded: loop) << 24 | slot
  }

  /// The number of the loop that owns the connection.
  public var loop: Int { Int(raw >> 24) }
  /// The connection's place in that loop's table.
  public var slot: UInt32 { raw & 0xff_ffff }
}
