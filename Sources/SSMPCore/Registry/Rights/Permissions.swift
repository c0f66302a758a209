// The access rules in force.

/// Who may log in and who may do what, and what was refused.
struct Permissions: ~Copyable {
  /// Who may log in.
  var login: LoginRules
  /// Who may do what, if there are rules.
  var rules: AccessRules?
  /// Tells the access rules in force from those before; 0 when there have never been any.
  var generation: UInt8 = 0
  /// How far those that are logged in have been looked at again.
  var recheckPlace = RecheckPlace.nowhere
  /// What was refused last.
  var refusals: RefusalLog
}
