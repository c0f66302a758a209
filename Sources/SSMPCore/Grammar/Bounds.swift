// The lengths that the grammar sets.

/// The bounds of the grammar's elements, in bytes (Grammar; Binary payloads).
public enum Bounds {
  /// The longest verb.
  public static let verb = 16
  /// The longest identifier, topic or scheme.
  public static let id = 64
  /// The longest text payload, and the longest content of a binary one after its two bytes of length.
  public static let payload = 1024
  /// The longest request there can be, its LF and a CR in line mode included: `verb SP id SP payload`.
  public static let request = verb + 1 + id + 1 + 2 + payload + 2
  /// The longest event there can be: `000 SP id SP request`.
  public static let event = 4 + id + 1 + request
}
