// Access rules in words, and what they mean, word for word.

import SSMPCore

/// Rules written as in a file, but for the `allow` in front.
func rules(_ lines: String...) -> [AccessRule] {
  lines.map { line in
    let words = line.split(separator: " ").map(String.init)
    let identity = pattern(words[0])
    switch words[1] {
    case "login":
      let schemes = Scheme.allCases.filter { words.count == 2 || words[2...].contains($0.name.description) }
      return AccessRule(identity, .login(SchemeSet(schemes)))
    case "broadcast": return AccessRule(identity, .use(.broadcast, [.any]))
    default: return AccessRule(identity, .use(rights(words[1]), words[2...].map(pattern)))
    }
  }
}

private func rights(_ word: String) -> AccessRights {
  let all: [(String, AccessRights)] = [
    ("publish", .publish), ("subscribe", .subscribe), ("presence", .presence), ("unicast", .unicast),
  ]
  return AccessRights(word.split(separator: ",").flatMap { part in all.filter { $0.0 == part }.map(\.1) })
}

private func pattern(_ word: String) -> AccessPattern {
  guard let pattern = AccessPattern(Array(word.utf8)) else { preconditionFailure("\(word) is no pattern") }
  return pattern
}

/// What rules mean, without a thought for how long it takes.
struct ReferenceRules {
  let rules: [AccessRule]

  func allowsLogin(_ identity: [UInt8], by scheme: Scheme) -> Bool {
    rules.contains { rule in
      guard case .login(let schemes) = rule.permission else { return false }
      return matches(rule.identity, identity: identity) && schemes.offers(scheme)
    }
  }

  func allows(_ right: AccessRights, _ identity: [UInt8], over target: [UInt8]) -> Bool {
    rules.contains { rule in
      guard case .use(let rights, let patterns) = rule.permission, rights.contains(right) else { return false }
      return matches(rule.identity, identity: identity)
        && patterns.contains { matches($0, target: target, of: identity) }
    }
  }

  private func matches(_ pattern: AccessPattern, identity: [UInt8]) -> Bool {
    let isNobody = identity == Array(".".utf8)
    switch pattern {
    case .any: return !isNobody
    case .name(let name): return name.last == UInt8(ascii: "/") ? identity.starts(with: name) : identity == name
    case .own: return false
    }
  }

  private func matches(_ pattern: AccessPattern, target: [UInt8], of identity: [UInt8]) -> Bool {
    switch pattern {
    case .any: return true
    case .name(let name): return name.last == UInt8(ascii: "/") ? target.starts(with: name) : target == name
    case .own(let before, let after):
      let whole = before + identity + after
      return after.last == UInt8(ascii: "/") ? target.starts(with: whole) : target == whole
    }
  }
}
