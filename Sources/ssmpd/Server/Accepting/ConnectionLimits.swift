// How many connections there may be.

import SSMPCore

/// The limits on connections that follow from the configuration and from the descriptors that the system permits.
struct ConnectionLimits {
  let admissions: Admissions.Limits
  /// The descriptors that the process may have open.
  let descriptors: Int
  /// The connections for which there are descriptors.
  private let possible: Int
  /// The connections that the configuration allows.
  private let wanted: Int

  init(_ configuration: Configuration, loops: Int, descriptors: Int) {
    self.descriptors = descriptors
    let listeners = max(0, configuration.listeners.count - Tuning.reservedListeners)
    possible = descriptors - Tuning.reservedDescriptors - listeners - 3 * loops - AdminServer.reserve(configuration)
    // Not more than one loop has slots for, should it get them all; and what the descriptors for files, operators and
    // health checks are needed for goes on when all that are left are taken.
    let room = max(1, possible - Self.reserve(for: possible))
    wanted = min(configuration.maxConnections ?? room, ClientID.maxSlots)
    let total = min(wanted, room)
    let usual = Tuning.waitingPerAddress
    admissions = Admissions.Limits(
      total: total, reserve: min(Self.reserve(for: total), ClientID.maxSlots - total), isByDescriptors: total < wanted,
      perAddress: configuration.maxConnectionsPerAddress,
      waitingPerAddress: configuration.maxWaitingPerAddress
        ?? min(max(total / 4, usual.lowerBound), usual.upperBound))
  }

  /// The size of the reserve: places for clients that come back under an identity that is logged
  /// in, while all other places are taken. It is one place for every 32.
  private static func reserve(for total: Int) -> Int {
    min(max(total / 32, 1), Tuning.mostReserve)
  }

  /// The descriptors that so many connections need, where there are fewer.
  var missing: Int? {
    let all = wanted + Self.reserve(for: wanted)
    return all > possible ? all + descriptors - possible : nil
  }

  /// Says when there are fewer descriptors than connections.
  func warn(_ log: Log) {
    guard let missing else { return }
    log.write(.warning, "limits max-connections=\(wanted) need=\(missing) descriptors=\(descriptors)")
  }
}
