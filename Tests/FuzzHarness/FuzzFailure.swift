// What a check of the harness throws.

/// A broken invariant: in a fuzzer it ends the process, in a test it fails it.
public struct FuzzFailure: Error, CustomStringConvertible {
  /// What was expected, and what was there.
  public let description: String

  /// A failure with this explanation.
  public init(_ description: String) {
    self.description = description
  }
}

/// Throws unless `condition` holds.
public func check(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  if !condition { throw FuzzFailure(message()) }
}

/// Bytes as text, for explanations and for names, which are ASCII.
func text(_ bytes: some Collection<UInt8>) -> String {
  String(decoding: bytes, as: UTF8.self)
}

/// Bytes so that different ones look different, whatever they are.
func shown(_ bytes: some Collection<UInt8>) -> String {
  bytes.map { (32..<127).contains($0) && $0 != 92 ? String(UnicodeScalar($0)) : "\\\($0)." }.joined()
}
