// The lengths that the grammar sets.

/// The bounds of the grammar's elements, in bytes (Grammar; Binary payloads).
public enum Bounds {
  /// The longest verb.
  public static let verb = 16
  /// The longest identifier, topic or scheme.
  public static let id = 64
  /// The longest text payload, and the longest content of a binary one after its two bytes of length.
  public static let payload = 1024
  /// The longest request that can be forwarded: `verb SP id SP payload LF`, the payload being binary.
  public static let forwardable = verb + 1 + id + 1 + 2 + payload + 1
  /// The longest request there can be: `LOGIN SP id SP id SP payload LF`, the payload being binary.
  public static let request = 5 + 1 + id + 1 + id + 1 + 2 + payload + 1
  /// The longest event there can be: `000 SP id SP forwardable LF`.
  public static let event = 4 + id + 1 + forwardable
}
