// How many connections there may be.

import SSMPCore

/// The limits on connections that follow from the configuration and from the descriptors that the system permits.
struct ConnectionLimits {
  let admissions: Admissions.Limits
  /// The descriptors that the process may have open.
  let descriptors: Int
  /// The connections for which there are descriptors.
  private let possible: Int

  init(_ configuration: Configuration, loops: Int, descriptors: Int) {
    self.descriptors = descriptors
    possible = descriptors - Tuning.reservedDescriptors - 3 * loops - AdminServer.reserve(configuration)
    // Not more than one loop has slots for, should it get them all.
    let total = min(configuration.maxConnections ?? max(1, possible), ClientID.maxSlots)
    let usual = Tuning.waitingPerAddress
    admissions = Admissions.Limits(
      total: total, perAddress: configuration.maxConnectionsPerAddress,
      waitingPerAddress: configuration.maxWaitingPerAddress
        ?? min(max(total / 4, usual.lowerBound), usual.upperBound))
  }

  /// True when there are fewer descriptors than connections.
  var exceedDescriptors: Bool { admissions.total > possible }

  /// Says so.
  func warn(_ log: Log) {
    let total = admissions.total
    log.write(
      .warning, "limits max-connections=\(total) need=\(total + descriptors - possible) descriptors=\(descriptors)")
  }
}
