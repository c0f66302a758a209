// What a payload tells of its message.

/// The first sixteen bytes of each payload: who sent it, its number, and when it was to be sent.
///
/// Six bits a byte, as printable ASCII, the lowest first: a payload of text in UTF-8 that can be read eight bytes at once.
enum Stamp {
  /// The bytes of a stamp.
  static let length = 16
  /// The most senders.
  static let senderLimit = 1 << 20
  /// Numbers begin anew behind this.
  static let counterMask: UInt32 = 1 << 28 - 1

  private static let zeros: UInt64 = 0x3f3f_3f3f_3f3f_3f3f

  /// Writes a stamp; `time` is in nanoseconds, less than three days.
  @inline(__always)
  static func write(_ target: UnsafeMutableRawPointer, sender: UInt32, counter: UInt32, time: UInt64) {
    let first = UInt64(sender) << 28 | UInt64(counter & counterMask)
    target.storeBytes(of: (spread(first) &+ zeros).littleEndian, as: UInt64.self)
    target.storeBytes(of: (spread(time) &+ zeros).littleEndian, toByteOffset: 8, as: UInt64.self)
  }

  /// The sender and the number.
  @inline(__always)
  static func origin(_ source: UnsafeRawPointer) -> (sender: UInt32, counter: UInt32) {
    let value = gather(UInt64(littleEndian: source.loadUnaligned(as: UInt64.self)) &- zeros)
    return (UInt32(truncatingIfNeeded: value >> 28), UInt32(truncatingIfNeeded: value) & counterMask)
  }

  /// The time.
  @inline(__always)
  static func time(_ source: UnsafeRawPointer) -> UInt64 {
    gather(UInt64(littleEndian: source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)) &- zeros)
  }

  /// 48 bits in eight bytes, six in each.
  @inline(__always)
  static func spread(_ value: UInt64) -> UInt64 {
    var word = (value & 0xff_ffff) | (value >> 24 & 0xff_ffff) << 32
    word = (word & 0xfff_0000_0fff) | (word & 0xff_f000_00ff_f000) << 4
    return (word & 0x003f_003f_003f_003f) | (word & 0x0fc0_0fc0_0fc0_0fc0) << 2
  }

  /// The reverse of `spread`.
  @inline(__always)
  static func gather(_ bytes: UInt64) -> UInt64 {
    var word = (bytes & 0x003f_003f_003f_003f) | (bytes & 0x3f00_3f00_3f00_3f00) >> 2
    word = (word & 0x0fff_0000_0fff) | (word & 0x0fff_0000_0fff_0000) >> 4
    return (word & 0xff_ffff) | (word >> 32 & 0xff_ffff) << 24
  }
}
