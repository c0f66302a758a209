// Access rules in the played loops.

import SSMPCore

extension World {
  /// Puts access rules in force, without looking at those who are there.
  public func replaceAccess(_ rules: AccessRules?) {
    registry.replaceAccess(rules)
  }

  /// Has everybody looked at again on behalf of a loop, `steps` at a time, and lets everything happen in between; returns how
  /// many times that took.
  @discardableResult
  public func recheck(on loop: Int = 0, steps: Int = 512) throws -> Int {
    var times = 0
    while true {
      let result = registry.recheck(on: loop, steps: steps)
      times += 1
      acted(loop)
      try settle()
      if result == .done { return times }
      try check(times < 1_000_000, "looking at everybody again does not end")
    }
  }
}
