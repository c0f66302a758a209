// Keys, as a terminal sends them.

/// A key, or what it means to the editor.
enum Key: Equatable {
  case character(Unicode.Scalar)
  case enter
  case backspace
  /// Delete the character under the cursor.
  case delete
  case left, right, wordLeft, wordRight, home, end
  /// The line before and the line after in the history.
  case up, down
  /// Delete what is in front of the cursor, what is behind it, and the word in front of it.
  case eraseToStart, eraseToEnd, eraseWord
  case clearScreen
  /// Ctrl-D: delete, or end the input if the line is empty.
  case endOfInput
  case interrupt
  case suspend
}

/// Takes bytes from a terminal apart into keys, wherever one read ends and the next begins.
struct KeyDecoder {
  private enum State: Equatable {
    case ground
    /// Behind ESC.
    case escape
    /// Behind ESC [ or ESC O, with the parameters so far.
    case sequence([UInt8])
    /// In the midst of a character of so many bytes.
    case character([UInt8], length: Int)
  }

  private static let longestSequence = 16
  private static let controls: [UInt8: Key] = [
    1: .home, 2: .left, 3: .interrupt, 4: .endOfInput, 5: .end, 6: .right, 8: .backspace, 10: .enter, 11: .eraseToEnd,
    12: .clearScreen, 13: .enter, 14: .down, 16: .up, 21: .eraseToStart, 23: .eraseWord, 26: .suspend, 127: .backspace,
  ]
  private var state = State.ground

  /// The keys in these bytes. Sequences that mean nothing here are left out.
  mutating func decode(_ bytes: some Sequence<UInt8>) -> [Key] {
    bytes.compactMap { next($0) }
  }

  private mutating func next(_ byte: UInt8) -> Key? {
    switch state {
    case .ground: return ground(byte)
    case .escape:
      state = .ground
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "O"): state = .sequence([])
      case 27: state = .escape
      case UInt8(ascii: "b"): return .wordLeft
      case UInt8(ascii: "f"): return .wordRight
      case 127: return .eraseWord
      default: break
      }
      return nil
    case .sequence(let parameters):
      guard (0x40...0x7e).contains(byte) else {
        state = byte < 32 || parameters.count == Self.longestSequence ? .ground : .sequence(parameters + [byte])
        return nil
      }
      state = .ground
      return Self.key(byte, String(decoding: parameters, as: UTF8.self))
    case .character(let bytes, let length):
      guard byte & 0xc0 == 0x80 else {
        state = .ground
        return ground(byte)
      }
      let all = bytes + [byte]
      guard all.count == length else {
        state = .character(all, length: length)
        return nil
      }
      state = .ground
      return String(validating: all, as: UTF8.self)?.unicodeScalars.first.map { .character($0) }
    }
  }

  private mutating func ground(_ byte: UInt8) -> Key? {
    switch byte {
    case 27: state = .escape
    case 9, 32...126: return .character(Unicode.Scalar(byte))
    case 0xc2...0xdf: state = .character([byte], length: 2)
    case 0xe0...0xef: state = .character([byte], length: 3)
    case 0xf0...0xf4: state = .character([byte], length: 4)
    default: return Self.controls[byte]
    }
    return nil
  }

  /// The key of a sequence that ends with `byte`.
  private static func key(_ byte: UInt8, _ parameters: String) -> Key? {
    // Ctrl or Alt with an arrow.
    let isWord = parameters.hasSuffix(";5") || parameters.hasSuffix(";3")
    switch (byte, parameters) {
    case (UInt8(ascii: "A"), _): return .up
    case (UInt8(ascii: "B"), _): return .down
    case (UInt8(ascii: "C"), _): return isWord ? .wordRight : .right
    case (UInt8(ascii: "D"), _): return isWord ? .wordLeft : .left
    case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), "1"), (UInt8(ascii: "~"), "7"): return .home
    case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), "4"), (UInt8(ascii: "~"), "8"): return .end
    case (UInt8(ascii: "~"), "3"): return .delete
    default: return nil
    }
  }
}
