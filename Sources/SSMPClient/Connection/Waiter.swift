// What waits for responses.

/// What a response is for.
enum Waiter {
  /// A task.
  case call(Caller)
  case login
  /// A subscription, by the number of its attempt.
  case subscription(ID, attempt: UInt64)
  /// Nothing: the topic is left, whatever the response.
  case unsubscription
  case close
  /// A request to another client, by its tag.
  case exchange(ID)
}

/// A task that goes on, once the lock is free.
struct Resumption {
  let continuation: Caller
  let result: Result<Response, SSMPError>
}
