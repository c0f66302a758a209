// One access rule: the identities that it is about, what they can do, and to which names.

/// What one identity may be allowed to do, beside logging in.
public struct AccessRights: OptionSet, BitwiseCopyable, Sendable, Hashable {
  /// One bit for each right.
  public let rawValue: UInt8

  /// The rights with these bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// MCAST to a topic.
  public static let publish = AccessRights(rawValue: 1)
  /// SUBSCRIBE to a topic.
  public static let subscribe = AccessRights(rawValue: 2)
  /// The PRESENCE option of a SUBSCRIBE, which needs `subscribe` as well.
  public static let presence = AccessRights(rawValue: 4)
  /// UCAST to an identity.
  public static let unicast = AccessRights(rawValue: 8)
  /// BCAST, which has no target.
  public static let broadcast = AccessRights(rawValue: 16)
}

/// The names that a rule is about: identities or topics.
public enum AccessPattern: Sendable, Hashable {
  /// All of them.
  case any
  /// The one with these bytes; where they end in `/`, all that begin with them.
  case name([UInt8])
  /// The same, with the identifier of the requesting client between these bytes.
  case own(before: [UInt8], after: [UInt8])

  /// The word that stands for the identifier of the requesting client.
  public static let placeholder = "%i"

  /// The pattern that `word` spells: `*`, a name, a prefix that ends in `/`, or one of these with one `%i` in it. `nil` when
  /// no name could match it.
  public init?(_ word: [UInt8]) {
    if word == [UInt8(ascii: "*")] {
      self = .any
      return
    }
    let mark = Array(Self.placeholder.utf8)
    let place = word.indices.dropLast().first { word[$0] == mark[0] && word[$0 + 1] == mark[1] }
    let before = place.map { Array(word[..<$0]) } ?? word
    let after = place.map { Array(word[($0 + 2)...]) } ?? []
    guard (before + after).allSatisfy(\.isID) else { return nil }
    // The identifier of the requesting client has at least one byte.
    guard before.count + after.count + (place == nil ? 0 : 1) <= Bounds.id, !word.isEmpty else { return nil }
    self = place == nil ? .name(before) : .own(before: before, after: after)
  }

  /// True when the identifier of the requesting client is part of the pattern.
  public var isOwn: Bool {
    if case .own = self { return true }
    return false
  }
}

/// One rule: it allows, and nothing ever forbids. The order of rules means nothing.
public struct AccessRule: Sendable, Equatable {
  /// What a rule allows.
  public enum Permission: Sendable, Equatable {
    /// To log in by one of these schemes.
    case login(SchemeSet)
    /// These rights over what one of the patterns matches; `broadcast` alone, which has no target, with `any`.
    case use(AccessRights, [AccessPattern])
  }

  /// The identities that the rule is about. `any` matches every client that has an identity, and no
  /// anonymous client. Anonymous clients are matched only by the name `.`.
  public let identity: AccessPattern
  /// What it allows.
  public let permission: Permission

  /// A rule.
  ///
  /// - Precondition: `identity` is no `own`.
  public init(_ identity: AccessPattern, _ permission: Permission) {
    precondition(!identity.isOwn, "an identity is not its own pattern")
    self.identity = identity
    self.permission = permission
  }
}
