// What clients are allowed to do.

/// The rules for LOGIN, the access rules, and the requests that were refused.
struct Permissions: ~Copyable {
  /// The rules that decide whether a LOGIN is authentic.
  var login: LoginRules
  /// The access rules in effect, if there are any.
  var rules: AccessRules?
  /// The number that tells the access rules in effect from earlier ones; 0 if there have never been
  /// any.
  var generation: UInt8 = 0
  /// How far the recheck of all clients that are logged in has come.
  var recheckPlace = RecheckPlace.nowhere
  /// The requests that were refused last.
  var refusals: RefusalLog
}
