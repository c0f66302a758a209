// What happens when events come faster than they are taken.

extension SSMPClient {
  /// How a sequence buffers events that have come and have not been taken.
  public enum Buffering: Hashable, Sendable {
    /// While so many events wait, nothing more is read from the server, unless a response is awaited. The server then counts this
    /// client as congested, and closes it if that lasts. If four times as many events wait, the sequence ends with
    /// `SSMPError.overflow`.
    case suspend(limit: Int = 1024)
    /// While so many events wait, each further one displaces the oldest. The sequence tells how many were lost.
    case dropOldest(limit: Int = 1024)
    /// If more events wait, the sequence ends with `SSMPError.overflow`.
    case fail(limit: Int = 1024)

    /// The number of events that may wait, at least one.
    var limit: Int {
      switch self {
      case .suspend(let limit), .dropOldest(let limit), .fail(let limit): max(1, limit)
      }
    }
  }
}
