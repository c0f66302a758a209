// All access rules, compiled for being asked.

import Containers

/// Which identities can do what. The rules refuse everything that no rule allows.
///
/// When an identity logs in, the rules about it are found once. They are its *role*: a number. To
/// find what a role can do to a name takes a few look-ups. Their number depends on how many
/// prefixes of the identity and of the name occur in rules, and not on the number of rules. Only
/// rules with `%i` are checked one by one.
public final class AccessRules: Sendable {
  /// The most rules there can be: each may be about another identity, and a role is kept in two bytes.
  public static let maxRules = 50_000

  /// The role of anonymous clients.
  private static let anonymous = 1
  private static let noRole = -1

  private struct Role {
    /// The rights over every name, and those over any name at all, with those of the roles above.
    var everywhere: AccessRights = []
    var somewhere: AccessRights = []
    var schemes: SchemeSet = []
    /// The role with the rules that are about more identities, these included.
    var parent = noRole
    var own: Range<Int> = 0..<0
  }

  private struct OwnPattern {
    var before: [UInt8]
    var after: [UInt8]
    var rights: AccessRights
  }

  /// Identities; an entry is a role.
  private let identities: NameTree
  private let targets: NameTree
  private let roles: [Role]
  private let grants: GrantTable
  private let own: [OwnPattern]

  /// Compiles rules.
  ///
  /// - Precondition: There are at most `maxRules`.
  public init(_ rules: [AccessRule]) {
    precondition(rules.count <= Self.maxRules)
    var names = NumberedNames([UInt8(ascii: ".")])
    var topics = NumberedNames()
    let numbered = rules.map { (rule: $0, role: names.number(of: $0.identity)) }
    identities = NameTree(names.all)
    var roles = Array(repeating: Role(), count: identities.count)
    for role in roles.indices.dropFirst() where role != Self.anonymous { roles[role].parent = identities.parent(role) }
    var rights: [GrantTable.Key: AccessRights] = [:]
    var owns: [[OwnPattern]] = Array(repeating: [], count: roles.count)
    for (rule, role) in numbered {
      switch rule.permission {
      case .login(let schemes): roles[role].schemes.formUnion(schemes)
      case .use(let given, let patterns):
        if !patterns.isEmpty { roles[role].somewhere.formUnion(given) }
        for pattern in patterns {
          switch pattern {
          case .any: roles[role].everywhere.formUnion(given)
          case .name: rights[.init(role: role, target: topics.number(of: pattern)), default: []].formUnion(given)
          case .own(let before, let after):
            owns[role].append(OwnPattern(before: before, after: after, rights: given))
          }
        }
      }
    }
    targets = NameTree(topics.all)
    grants = GrantTable(rights)
    var own: [OwnPattern] = []
    for role in roles.indices {
      roles[role].own = own.count..<own.count + owns[role].count
      own += owns[role]
    }
    self.own = own
    Self.inherit(&roles, identities)
    self.roles = roles
  }

  /// Adds to each role what the roles above it may do in any case.
  private static func inherit(_ roles: inout [Role], _ identities: NameTree) {
    for role in roles.indices {
      var above = roles[role].parent
      while above != noRole {
        roles[role].everywhere.formUnion(roles[above].everywhere)
        roles[role].somewhere.formUnion(roles[above].somewhere)
        roles[role].schemes.formUnion(roles[above].schemes)
        above = roles[above].parent
      }
    }
  }

  /// The role of the identity `bytes[range]`; `.` is one of its own.
  func role(of bytes: RawSpan, _ range: Range<Int>) -> UInt16 {
    UInt16(identities.find(bytes, range))
  }

  /// True when a role may log in by `scheme`.
  func allowsLogin(_ role: UInt16, by scheme: Scheme) -> Bool {
    roles[Int(role)].schemes.offers(scheme)
  }

  /// True when a role has all these rights, whatever the target.
  func allowsEverywhere(_ rights: AccessRights, _ role: UInt16) -> Bool {
    roles[Int(role)].everywhere.isSuperset(of: rights)
  }

  /// True when a role has all these rights over the name `bytes[range]`.
  ///
  /// - Parameter name: the identifier of the requesting client.
  func allows(
    _ rights: AccessRights, _ role: UInt16, named name: RawSpan, over bytes: RawSpan, _ range: Range<Int>
  ) -> Bool {
    var role = Int(role)
    var missing = rights.subtracting(roles[role].everywhere)
    if missing.isEmpty { return true }
    guard roles[role].somewhere.isSuperset(of: missing) else { return false }
    let target = targets.find(bytes, range)
    while role != Self.noRole {
      var entry = target
      while entry != 0 {
        missing.subtract(grants[role, entry])
        entry = targets.parent(entry)
      }
      for place in roles[role].own where !own[place].rights.isDisjoint(with: missing) {
        if matches(own[place], name, bytes, range) { missing.subtract(own[place].rights) }
      }
      if missing.isEmpty { return true }
      role = roles[role].parent
    }
    return false
  }

  private func matches(_ pattern: OwnPattern, _ name: RawSpan, _ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    let first = range.lowerBound + pattern.before.count
    let second = first + name.byteCount
    let end = second + pattern.after.count
    let isPrefix = pattern.after.last == UInt8(ascii: "/")
    guard isPrefix ? end <= range.upperBound : end == range.upperBound else { return false }
    return unsafe bytes.equal(range.lowerBound..<first, pattern.before.span.bytes, 0..<pattern.before.count)
      && bytes.equal(first..<second, name, 0..<name.byteCount)
      && bytes.equal(second..<end, pattern.after.span.bytes, 0..<pattern.after.count)
  }
}

/// The names of patterns, each with the number of its entry in a tree of all.
private struct NumberedNames {
  private(set) var all: [[UInt8]] = []
  private var numbers: [[UInt8]: Int] = [:]

  init(_ names: [UInt8]...) {
    for name in names { _ = number(of: .name(name)) }
  }

  mutating func number(of pattern: AccessPattern) -> Int {
    guard case .name(let name) = pattern else { return 0 }
    if let number = numbers[name] { return number }
    all.append(name)
    numbers[name] = all.count
    return all.count
  }
}

/// The rights that single rules give to roles over targets.
private struct GrantTable: Sendable {
  struct Key: Hashable {
    let role: Int
    let target: Int

    var packed: UInt64 { UInt64(role) << 32 | UInt64(target) }
  }

  private static let hash = KeyedHash(key: (0x2545_f491_4f6c_dd1d, 0xbf58_476d_1ce4_e5b9))
  /// At the first free place behind that of their hash; `.max` where there is none. At most half are used.
  private var keys: [UInt64]
  private var rights: [AccessRights]

  init(_ grants: [Key: AccessRights]) {
    var size = 4
    while size < 2 * grants.count { size *= 2 }
    keys = Array(repeating: .max, count: size)
    rights = Array(repeating: [], count: size)
    for (key, right) in grants {
      let place = place(of: key)
      keys[place] = key.packed
      rights[place] = right
    }
  }

  subscript(role: Int, target: Int) -> AccessRights {
    rights[place(of: Key(role: role, target: target))]
  }

  /// Where a key is, or would be.
  private func place(of key: Key) -> Int {
    let mask = keys.count - 1
    var place = Int(Self.hash(UInt32(key.role), UInt32(key.target))) & mask
    while keys[place] != .max, keys[place] != key.packed { place = (place + 1) & mask }
    return place
  }
}
