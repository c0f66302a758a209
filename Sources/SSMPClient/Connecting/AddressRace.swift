// Which of a host's addresses is connected to.

/// Connects to the addresses of a host in turn, without waiting long for one that does not answer (RFC 8305): the families take
/// turns, each attempt begins 250 ms after the one before or when that has failed, and the first that is connected wins.
///
/// It does no I/O: `Address` is what is connected to, and time is given, in nanoseconds.
struct AddressRace<Address> {
  /// The time between attempts (RFC 8305, section 5, "Connection Attempt Delay").
  static var delay: UInt64 { 250_000_000 }

  private let addresses: [Address]
  private var started = 0
  private var failed = 0
  private var nextAt: UInt64 = 0

  /// A race between these addresses, the first of which is of the preferred family.
  init(_ addresses: [Address], isSecondFamily: (Address) -> Bool) {
    guard let first = addresses.first else {
      self.addresses = []
      return
    }
    let leads = isSecondFamily(first)
    let preferred = addresses.filter { isSecondFamily($0) == leads }
    let others = addresses.filter { isSecondFamily($0) != leads }
    var mixed: [Address] = []
    for index in 0..<max(preferred.count, others.count) {
      if index < preferred.count { mixed.append(preferred[index]) }
      if index < others.count { mixed.append(others[index]) }
    }
    self.addresses = mixed
  }

  /// The address that the next attempt is made with, if one is due.
  mutating func next(now: UInt64) -> Address? {
    guard started < addresses.count, started == failed || now >= nextAt else { return nil }
    defer { started += 1 }
    nextAt = now + Self.delay
    return addresses[started]
  }

  /// Notes that an attempt has failed: the next one is due at once.
  mutating func fail(now: UInt64) {
    failed += 1
    nextAt = now
  }

  /// True if all have failed.
  var isLost: Bool { failed == addresses.count }

  /// When the next attempt is due; `nil` if there is none.
  var deadline: UInt64? { started < addresses.count ? nextAt : nil }
}
