// What a reload may put in the place of what is in force.

import SSMPTransport

extension TLSMaterial {
  /// Refuses what is worse than what is in force. A start accepts all of it: its clock may be dead, and there is nothing that
  /// could stay.
  func refuseWorse(than old: TLSMaterial) throws(ConfigurationError) {
    try refuseOutOfTime(than: old)
    try refuseOlderLists(than: old)
  }

  /// A certificate that is not valid now in the place of another one, and authorities none of which is.
  private func refuseOutOfTime(than old: TLSMaterial) throws(ConfigurationError) {
    let dates = self.dates
    if !chain[0].isSame(as: old.chain[0]), let fault = dates.first(where: { $0.kind == .certificate })?.fault {
      throw fault.adding(Self.remedy)
    }
    let faults = dates.filter { $0.kind == .authority }.map(\.fault)
    let areNew = !authorities.allSatisfy { new in old.authorities.contains { $0.isSame(as: new) } }
    if areNew || authorities.count < old.authorities.count, let first = faults.first, let fault = first,
      faults.allSatisfy({ $0 != nil })
    {
      throw fault.adding(Self.remedy)
    }
  }

  /// The clock may be what is wrong.
  private static let remedy: ConfigurationError.Wording = "; a restart of the server would accept it"

  /// A list that does not have yet what the one in force revokes, and no list at all where an authority stays. Of several by
  /// one issuer the newest counts.
  private func refuseOlderLists(than old: TLSMaterial) throws(ConfigurationError) {
    // Without --crl there are none: that was meant (`Configuration.refuseLosing`).
    guard let file = files.revocations else { return }
    for list in old.lists {
      let successors = lists.filter { $0.hasIssuer(of: list) }
      guard successors.isEmpty else {
        guard successors.allSatisfy({ $0.isOlder(than: list) }) else { continue }
        throw SettingFile.fault(
          "crl", file,
          "holds a revocation list by \(list.issuer) that is older than the one in force\(Self.numbers(successors, list)); "
            + "give a newer one, or restart the server to go back")
      }
      guard authorities.contains(where: { list.isIssued(by: $0) && list.isSigned(by: $0) }) else { continue }
      throw SettingFile.fault(
        "crl", file,
        "holds no revocation list by \(list.issuer), of which one is in force; give one, or restart the server without it"
      )
    }
  }

  private static func numbers(_ new: [RevocationList], _ old: RevocationList) -> String {
    guard let newest = new.first(where: { list in !new.contains { list.isOlder(than: $0) } })?.number,
      let number = old.number
    else { return "" }
    return " (number \(newest) instead of \(number))"
  }
}
