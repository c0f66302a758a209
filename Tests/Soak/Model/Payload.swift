// Payloads that say where they come from, and every byte of which can be checked.

import FuzzHarness

/// The payload of one message: who sent it, its place among the sender's messages, and a filling that follows from both.
struct Payload: Equatable {
  let sender: Int
  let sequence: Int
  /// The length of the content: without the two bytes of length of a binary payload.
  let length: Int
  let isBinary: Bool

  /// The longest head, with room to spare.
  static let shortest = 32
  /// The longest content that the protocol allows.
  static let longest = 1024

  /// The bytes of the payload.
  var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(length + 2)
    if isBinary {
      result.append(UInt8((length - 1) >> 8))
      result.append(UInt8((length - 1) & 0xff))
    }
    let begin = result.count
    for number in [sender, sequence, length] {
      result.append(contentsOf: String(number).utf8)
      result.append(isBinary ? Self.binaryMark : Self.textMark)
    }
    var random = Chance(seed: UInt64(sender) << 32 ^ UInt64(sequence))
    var word: UInt64 = 0
    var left = 0
    while result.count - begin < length {
      if left == 0 {
        word = random.next()
        left = 8
      }
      let byte = UInt8(truncatingIfNeeded: word)
      word >>= 8
      left -= 1
      // A text holds everything but LF; CR, NUL and bytes that are no UTF-8 included.
      result.append(!isBinary && byte == 10 ? 11 : byte)
    }
    return result
  }

  private static let textMark = UInt8(ascii: ",")
  /// A binary payload has LFs where a text has commas.
  private static let binaryMark = UInt8(ascii: "\n")

  /// Reads the head of a payload; `nil` when it is none of ours.
  init?(head bytes: some RandomAccessCollection<UInt8>) {
    guard let first = bytes.first else { return nil }
    isBinary = first < 4
    let mark = isBinary ? Self.binaryMark : Self.textMark
    var numbers: [Int] = []
    var number = 0
    for byte in bytes.dropFirst(isBinary ? 2 : 0).prefix(Self.shortest) where numbers.count < 3 {
      if byte == mark {
        numbers.append(number)
        number = 0
      } else {
        guard byte >= 48, byte <= 57 else { return nil }
        number = number * 10 + Int(byte - 48)
      }
    }
    guard numbers.count == 3 else { return nil }
    (sender, sequence, length) = (numbers[0], numbers[1], numbers[2])
  }

  init(sender: Int, sequence: Int, length: Int, isBinary: Bool) {
    (self.sender, self.sequence, self.length, self.isBinary) = (sender, sequence, length, isBinary)
  }
}
