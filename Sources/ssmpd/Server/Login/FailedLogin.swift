// Why logins fail.

import SSMPCore

/// Why a login failed: a LOGIN that was refused, or a certificate that was, before any LOGIN.
enum FailedLogin: Hashable, CaseIterable, Sendable {
  case refused(LoginRefusal)
  case certificate

  static var allCases: [FailedLogin] { LoginRefusal.allCases.map { .refused($0) } + [.certificate] }

  /// The reason's name in logs and metrics; it is stable.
  var label: String {
    switch self {
    case .refused(let refusal): refusal.label.description
    case .certificate: "certificate"
    }
  }

  /// A number of its own for each.
  var place: Int {
    switch self {
    case .refused(let refusal): Int(refusal.rawValue) + 1
    case .certificate: 0
    }
  }
}
