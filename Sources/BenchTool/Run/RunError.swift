// What keeps a run from being one.

/// The run could not be done: no connection, no login, a server that breaks the protocol. Exit code 3.
struct RunError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
