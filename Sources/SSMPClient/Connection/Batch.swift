// Requests that a task makes together.

import SSMPTransport

/// A task that waits for the responses to several requests.
///
/// Safe to share: it is used under its client's lock, and by nobody else once it is complete.
final class Batch: @unchecked Sendable {
  /// What became of the requests, in their order.
  typealias Results = [Result<Response, SSMPError>]

  private let task: SuspendedTask<Results>
  private var results: Results
  private var missing: Int

  /// A batch of so many requests.
  init(_ count: Int, _ task: SuspendedTask<Results>) {
    self.task = task
    results = Results(repeating: .failure(.cancelled(sent: .no)), count: count)
    missing = count
  }

  /// Notes what became of one of the requests; true if it was the last.
  func settle(_ index: Int, _ result: Result<Response, SSMPError>) -> Bool {
    results[index] = result
    missing -= 1
    return missing == 0
  }

  /// Has the task go on, when all is known.
  func resume() { task.resume(returning: results) }
}

extension ClientCore {
  /// Makes requests, and waits for all responses.
  func perform(_ requests: [ClientRequest], _ isolation: isolated (any Actor)?) async -> Batch.Results {
    guard !requests.isEmpty else { return [] }
    guard !Task.isCancelled else { return requests.map { _ in .failure(.cancelled(sent: .no)) } }
    let tickets = submissions.newTickets(requests.count)
    return await withTaskCancellationHandler {
      await SuspendedTask<Batch.Results>.wait(isolation: isolation) { task in
        make(requests, Batch(requests.count, task), tickets)
        // Cancelled before they were made: the handler has found nothing.
        if Task.isCancelled { withdraw(tickets) }
      }
    } onCancel: {
      withdraw(tickets)
    }
  }

  /// Sends a PING, and waits for the PONG.
  func ping(_ isolation: isolated (any Actor)?) async throws(SSMPError) {
    guard !Task.isCancelled else { throw .cancelled(sent: .no) }
    let tickets = submissions.newTickets(1)
    let results = await withTaskCancellationHandler {
      await SuspendedTask<Batch.Results>.wait(isolation: isolation) { task in
        let batch = Batch(1, task)
        locked {
          if let obstacle { return settle(batch, 0, .failure(obstacle)) }
          conversation.ping(.batch(batch, 0), ticket: tickets.lowerBound)
          flushAlone()
        }
        if Task.isCancelled { withdraw(tickets) }
      }
    } onCancel: {
      withdraw(tickets)
    }
    _ = try results[0].get()
  }

  private func make(_ requests: [ClientRequest], _ batch: Batch, _ tickets: Range<UInt64>) {
    locked {
      let now = MonotonicTime.nanoseconds()
      takeSubmissions(now)
      let obstacle = obstacle
      for (index, request) in requests.enumerated() {
        if let obstacle {
          settle(batch, index, .failure(obstacle))
        } else {
          conversation.request(
            request, .batch(batch, index), ticket: tickets.lowerBound + UInt64(index),
            timeout: configuration.timeouts.response.nanoseconds, now: now)
        }
      }
      flushAlone()
    }
  }

  /// Notes what became of a request of a batch.
  func settle(_ batch: Batch, _ index: Int, _ result: Result<Response, SSMPError>) {
    if batch.settle(index, result) { resume(batch) }
  }

  private func withdraw(_ tickets: Range<UInt64>) {
    locked {
      for (waiter, sent) in conversation.withdraw(tickets, committed: link?.committed ?? 0) {
        if case .batch(let batch, let index) = waiter { settle(batch, index, .failure(.cancelled(sent: sent))) }
      }
    }
  }
}
