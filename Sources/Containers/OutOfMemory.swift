// Memory that the system does not give.

/// Ends the process: a server that cannot get memory for its own tables has no consistent state to go on with, and its
/// supervisor starts it again.
public func outOfMemory() -> Never {
  fatalError("out of memory")
}
