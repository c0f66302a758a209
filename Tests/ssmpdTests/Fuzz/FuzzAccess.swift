// One fuzz input as a file with access rules.

import FuzzHarness

@testable import SSMPCore
@testable import ssmpd

/// Reads an input as access rules. What each rule allows must be allowed when all of them are in force, since rules only add
/// up; and a client that no rule is about must have no right.
func fuzzAccess(_ input: [UInt8]) throws {
  let rules: [AccessRule]
  do {
    rules = try AccessFile.parse(input, of: "file", maxRules: 200)
  } catch let faults as ConfigurationFaults {
    return try checkMessages(faults.lines, atMost: ConfigurationFaults.limit + 1)
  } catch {
    return try checkMessages(["\(error)"], atMost: 1)
  }
  let access = AccessRules(rules)
  for rule in rules { try checkAllowed(rule, access) }
  try checkStranger(rules, access)
}

private func checkAllowed(_ rule: AccessRule, _ access: AccessRules) throws {
  let name = sample(rule.identity, of: [])
  guard name.count <= Bounds.id else { return }
  let role = access.role(of: name.span.bytes, 0..<name.count)
  switch rule.permission {
  case .login(let schemes):
    for scheme in schemes.schemes {
      try check(access.allowsLogin(role, by: scheme), "\(rule) does not let anybody log in by \(scheme)")
    }
  case .use(let rights, let patterns):
    for pattern in patterns {
      let target = sample(pattern, of: name)
      guard target.count <= Bounds.id else { continue }
      let isAllowed = access.allows(rights, role, named: name.span.bytes, over: target.span.bytes, 0..<target.count)
      try check(isAllowed, "\(rule) does not allow \(String(decoding: target, as: UTF8.self))")
    }
  }
}

private func checkStranger(_ rules: [AccessRule], _ access: AccessRules) throws {
  let stranger = Array("=nobody=has=this=name=".utf8)
  let isMeant = rules.contains { rule in
    switch rule.identity {
    case .any, .own: true
    case .name(let name): name.last == UInt8(ascii: "/") ? stranger.starts(with: name) : stranger == name
    }
  }
  guard !isMeant else { return }
  let role = access.role(of: stranger.span.bytes, 0..<stranger.count)
  for scheme in Scheme.allCases {
    try check(!access.allowsLogin(role, by: scheme), "a stranger may log in by \(scheme)")
  }
  for right in [AccessRights.publish, .subscribe, .presence, .unicast, .broadcast] {
    let target = Array("a/b".utf8)
    let isAllowed = access.allows(right, role, named: stranger.span.bytes, over: target.span.bytes, 0..<target.count)
    try check(!isAllowed, "a stranger has the right \(right.rawValue)")
  }
}

/// A name that a pattern matches.
private func sample(_ pattern: AccessPattern, of name: [UInt8]) -> [UInt8] {
  switch pattern {
  case .any: Array("anybody".utf8)
  case .name(let bytes): bytes.last == UInt8(ascii: "/") ? bytes + Array("x".utf8) : bytes
  case .own(let before, let after):
    before + name + (after.last == UInt8(ascii: "/") ? after + Array("x".utf8) : after)
  }
}
