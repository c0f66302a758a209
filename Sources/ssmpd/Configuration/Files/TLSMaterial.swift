// What the files of TLS hold.

import CommandLineTools
import SSMPCore
import SSMPTransport

/// Certificate, key, authorities and revocation lists, as read from files that fit together.
struct TLSMaterial {
  let chain: [Certificate]
  let key: PrivateKey
  let authorities: [Certificate]
  let lists: [RevocationList]
  /// Tells these authorities and lists from others.
  let origin: [UInt8]
  let files: TLSFiles
  let intermediates: IntermediatePool

  /// A context for connections in each of the library contexts.
  func contexts(_ tickets: TicketKeys, _ libraries: [TLSLibrary]) throws(ConfigurationError) -> [TLSContext] {
    var contexts: [TLSContext] = []
    for library in libraries { contexts.append(try context(tickets, library)) }
    if let reason = ServerChain(chain).refusal {
      throw SettingFile.fault(
        "cert", files.certificate,
        "cannot be used: clients refuse the certificate of \(chain.first?.subject ?? ""): \(reason)")
    }
    // All are made of the same, so one of them stands for all.
    do throws(RehearsalFailure) {
      try contexts.first?.rehearse()
    } catch {
      let (setting, file) = error.isOfAuthorities ? ("cacert", files.authorities) : ("cert", files.certificate)
      throw SettingFile.fault(setting, file, "cannot be used: \(error)")
    }
    return contexts
  }

  /// True when there is a list by its name, which is signed with another key.
  private func isRekeyed(_ authority: Certificate) -> Bool { lists.contains { $0.isIssued(by: authority) } }

  private func context(_ tickets: TicketKeys, _ library: TLSLibrary) throws(ConfigurationError) -> TLSContext {
    let trust: TrustStore
    do throws(TLSError) {
      trust = try TrustStore(authorities: authorities, lists: lists, intermediates: intermediates, library: library)
    } catch {
      throw SettingFile.fault("cacert", files.authorities, "cannot be used: \(error)")
    }
    do throws(TLSError) {
      return try TLSContext(
        chain: chain, key: key, trust: trust, tickets: tickets, origin: origin, library: library)
    } catch {
      throw SettingFile.fault("cert", files.certificate, "cannot be used: \(error)")
    }
  }

  /// Makes what a start would make of the files, to see whether it can be made.
  func tryOut(_ shortcuts: TLSShortcuts) throws(ConfigurationError) {
    let tickets: TicketKeys
    do throws(TLSError) {
      tickets = try TicketKeys(path: nil) { _ in }
    } catch {
      throw SettingFile.fault("cert", files.certificate, "cannot be used: \(error)")
    }
    _ = try contexts(tickets, [TLSLibrary.forLoop(shortcuts)])
  }

  /// Everything that is valid for a time.
  var dates: [TLSDate] {
    chain.prefix(1).map { TLSDate(kind: .certificate, file: files.certificate, name: $0.subject, time: $0.validity) }
      + authorities.map { TLSDate(kind: .authority, file: files.authorities, name: $0.subject, time: $0.validity) }
      + lists.map { TLSDate(kind: .revocations, file: files.revocations ?? "", name: $0.issuer, time: $0.validity) }
  }

  /// What is not wrong, but probably not meant: certificates that lead nowhere, authorities that are none, or whose clients
  /// would be kept out, because their keys are weak or for lack of a revocation list, and lists of nobody's.
  var oddities: [String] {
    let strange = ServerChain(chain).strangers.map {
      "--cert has \($0.subject), which is not above the certificate of \(chain[0].subject): clients have no use for it"
    }
    let none = authorities.filter { !$0.isAuthority }.map {
      "--cacert has \($0.subject), which is no authority: it stands for itself alone"
    }
    let weak = authorities.filter(\.isWeak).map {
      "--cacert has \($0.subject), whose key is \($0.keyKind): certificates that it has issued to clients are refused"
    }
    return strange + none + weak + revocationOddities
  }

  private var revocationOddities: [String] {
    guard !lists.isEmpty else { return [] }
    // By their keys: authorities of the same name may have different ones.
    let unlisted = authorities.filter { authority in
      authority.isAuthority
        && !lists.contains { $0.isIssued(by: authority) && $0.isSigned(by: authority) }
    }
    let strange = lists.filter { list in !authorities.contains(where: list.isIssued(by:)) }
    let missing = unlisted.map {
      "--crl has no revocation list by \($0.subject): certificates that it has itself issued to clients are refused"
        + (isRekeyed($0) ? " (the list by that name is signed with another key)" : "")
    }
    return missing
      + strange.map {
        "--crl has a revocation list by \($0.issuer), which is not in --cacert: "
          + "it serves where clients send that authority"
      }
  }
}

extension Certificate {
  /// True when what it has signed is not accepted: 112 bits of security are needed.
  var isWeak: Bool { keyStrength < 112 }
}

/// Something that is valid for a time.
struct TLSDate {
  enum Kind: String {
    case certificate = "cert"
    case authority = "cacert"
    case revocations = "crl"
  }

  let kind: Kind
  let file: String
  let name: String
  let time: Validity

  /// The days that are left, rounded down; `nil` when there is no end.
  var days: Int? { time.secondsUntilEnd.map { Int(($0 < 0 ? $0 - 86399 : $0) / 86400) } }

  /// How important it is to an operator.
  var logLevel: LogLevel {
    if time.hasExpired || time.isEarly { return .error }
    return days.map { $0 <= Tuning.expiryWarningDays } ?? false ? .warning : .notice
  }

  /// The line for the log.
  var line: String {
    var state = "days=\(days.map(String.init) ?? "-")"
    if time.isEarly { state = "not-valid-yet" }
    if time.hasExpired { state = "expired \(state)" }
    return "\(kind.rawValue) \(state) name=\(name.quoted) file=\(file.logged)"
  }

  /// What `--check` says, if it is an error there.
  var fault: ConfigurationError? {
    guard time.hasExpired || time.isEarly else { return nil }
    let what = kind == .revocations ? "a revocation list by \(name)" : "the certificate of \(name)"
    let problem = time.hasExpired ? "has expired" : "is not valid yet"
    return SettingFile.fault("\(kind.rawValue)", file, "holds \(what), which \(problem)")
  }
}
