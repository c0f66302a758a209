// What is logged of requests that were refused.

import SSMPCore

/// What a loop has to say of requests that were refused; each part has an entry for each reason.
struct RefusalLines {
  private typealias Reason = RequestRefusal.Reason
  /// Whether a line may be written.
  var messages = [RepeatedMessage](repeating: RepeatedMessage(), count: Reason.allCases.count)
  /// The refusals that no line has told of, and the last one.
  var untold = [Int](repeating: 0, count: Reason.allCases.count)
  var last = [RequestRefusal?](repeating: nil, count: Reason.allCases.count)
  /// The requests that all loops have refused, as far as this loop has noticed: by the access rules, and over
  /// `--max-subscriptions`.
  var byAccess: UInt64 = 0
  var overLimit: UInt64 = 0

  func total(of reason: RequestRefusal.Reason) -> UInt64 {
    switch reason {
    case .access: byAccess
    case .subscriptionLimit: overLimit
    }
  }

  /// True when something was refused that no line has told of.
  var isOwing: Bool { messages.contains(where: \.isOwing) }
}

extension RequestRefusal.Reason {
  var place: Int { Int(rawValue) }

  var name: String {
    switch self {
    case .access: "access"
    case .subscriptionLimit: "subscription-limit"
    }
  }
}
