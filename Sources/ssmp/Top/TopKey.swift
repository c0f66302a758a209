// Keys, as a terminal sends them.

/// A key that was pressed.
enum TopKey: Equatable, Sendable {
  case character(Character)
  case enter, escape, backspace, left, right, interrupt, suspend, redraw

  /// The keys in what was read at once. Sequences that are not known are ignored.
  static func keys(in bytes: [UInt8]) -> [TopKey] {
    var keys: [TopKey] = []
    var rest = bytes[...]
    while let byte = rest.popFirst() {
      switch byte {
      case 0x03: keys.append(.interrupt)
      case 0x08, 0x7f: keys.append(.backspace)
      case 0x0a, 0x0d: keys.append(.enter)
      case 0x0c: keys.append(.redraw)
      case 0x1a: keys.append(.suspend)
      case 0x1b: if let key = sequence(&rest) { keys.append(key) }
      case 0x20...0x7e: keys.append(.character(Character(UnicodeScalar(byte))))
      default: break
      }
    }
    return keys
  }

  /// What follows an escape.
  private static func sequence(_ rest: inout ArraySlice<UInt8>) -> TopKey? {
    guard let first = rest.first, first == UInt8(ascii: "[") || first == UInt8(ascii: "O") else { return .escape }
    rest = rest.dropFirst()
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "C"): return .right
      case UInt8(ascii: "D"): return .left
      case 0x40...0x7e: return nil
      default: continue
      }
    }
    return nil
  }
}
