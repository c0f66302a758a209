// What a loop looks after beside its connections.

/// Work that is not for one connection, and that comes up now and then.
struct LoopUpkeep {
  var chores = Chores()
  var adoption = SettingsAdoption()
  /// The roll call that this loop has answered.
  var answeredCall = 0
  /// True on the first loop while those that are logged in are looked at again, after a reload of the access rules.
  var isRechecking = false
}
