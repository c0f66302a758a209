// The places that connections of operators and collectors take.

import Glibc
import SSMPTransport

/// The connections to one listener of the admin server. Their number is limited.
///
/// If all places are taken, the connection that has been silent longest gives up its place. It has
/// been silent since its last complete request, or since it connected; parts of requests do not
/// count. A new connection is the last to lose its place, so connections without requests never
/// keep a health check out. A connection cannot lose its place while its answer is being made, or
/// sent to an operator.
/// sent to an operator.
final class AdminPlaces: Sendable {
  /// What became of an attempt to take a place.
  enum Entry: Equatable {
    /// The connection has this number until it leaves.
    case entered(Int)
    /// All the others are at work.
    case full
    /// Others have been told to go and have not left yet: there will be a place in a moment.
    case leaving
  }

  private struct Place {
    let descriptor: Int32
    /// The order in which it began to wait for a request; `nil` while it is at work.
    var waiting: UInt64?
    /// It waits for its peer to read as well.
    var isSending = false
    var isOperator = false
    /// It has been told to go.
    var isEvicted = false
  }

  private struct State {
    var places: [Int: Place] = [:]
    var next = 0
    var turn: UInt64 = 0

    /// The connections that have not been told to go.
    func count(where isCounted: (Place) -> Bool = { _ in true }) -> Int {
      places.values.count { !$0.isEvicted && isCounted($0) }
    }

    /// Has the one of these that has been waiting longest go; false when none of them waits.
    mutating func evict(_ isCandidate: (Place) -> Bool) -> Bool {
      let waiting = places.filter { $0.value.waiting != nil && !$0.value.isEvicted && isCandidate($0.value) }
      guard let oldest = waiting.min(by: { ($0.value.waiting ?? 0) < ($1.value.waiting ?? 0) }) else { return false }
      places[oldest.key]?.isEvicted = true
      // Its thread sees the end of the connection and leaves. The descriptor is open until it has left.
      _ = shutdown(oldest.value.descriptor, Int32(oldest.value.isSending ? SHUT_RDWR : SHUT_RD))
      return true
    }
  }

  /// The most connections, and the most of them that may say commands.
  let limit: Int
  let operators: Int
  private let state = Locked(State())

  init(limit: Int, operators: Int) {
    self.limit = limit
    self.operators = operators
  }

  /// The connections that have places.
  var count: Int { state.withLock { $0.count() } }

  /// Takes a place for a connection. The server then waits for its first request.
  func enter(_ descriptor: Int32) -> Entry {
    state.withLock { state in
      // Those that go leave at once; a flood must not have more threads than that for all that.
      guard state.places.count < 2 * limit else {
        return state.places.values.contains(where: \.isEvicted) ? .leaving : .full
      }
      if state.count() >= limit, !state.evict({ _ in true }) { return .full }
      let number = state.next
      state.next += 1
      state.turn += 1
      state.places[number] = Place(descriptor: descriptor, waiting: state.turn)
      return .entered(number)
    }
  }

  /// The connection has had a request, and waits for its peer: its place can be taken, as the last one.
  ///
  /// - Parameter isSending: its answer may not have been sent, and need not be if the place is taken.
  func wait(_ number: Int, isSending: Bool = false) {
    state.withLock { state in
      state.turn += 1
      state.places[number]?.waiting = state.turn
      state.places[number]?.isSending = isSending
    }
  }

  /// True when the connection has been told to go.
  func isEvicted(_ number: Int) -> Bool { state.withLock { $0.places[number]?.isEvicted != false } }

  /// A request is complete: the connection is at work, and keeps its place; false when it had been told to go before.
  func work(_ number: Int) -> Bool {
    state.withLock { state in
      guard state.places[number]?.isEvicted == false else { return false }
      state.places[number]?.waiting = nil
      return true
    }
  }

  /// The connection says a command, for which there are fewer places; false when they are taken by others at work.
  func becomeOperator(_ number: Int) -> Bool {
    state.withLock { state in
      guard state.places[number]?.isOperator == false else { return true }
      if state.count(where: \.isOperator) >= operators, !state.evict(\.isOperator) { return false }
      state.places[number]?.isOperator = true
      return true
    }
  }

  /// Gives the place up. To be called before the descriptor is closed: its number may be another's from then on.
  func leave(_ number: Int) {
    state.withLock { $0.places[number] = nil }
  }
}
