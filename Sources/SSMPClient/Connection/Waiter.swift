// What waits for responses.

/// What a response is for.
enum Waiter {
  /// A task.
  case call(Caller)
  /// A task that waits for several responses, of which this is one.
  case batch(Batch, Int)
  case login
  /// A subscription, by the number of its attempt.
  case subscription(ID, attempt: UInt64)
  /// Nothing: the response makes no difference.
  case nothing
  case close
  /// A request to another client, by its tag.
  case exchange(ID)
}

/// A task that waits for a response, whatever that is.
typealias Caller = SuspendedTask<Result<Response, SSMPError>>

/// A task that waits for the answer of another client.
typealias Asker = SuspendedTask<Result<SSMPClient.Reply, SSMPError>>
