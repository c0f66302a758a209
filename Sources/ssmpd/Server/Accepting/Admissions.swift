// How many connections the server accepts, in all and from one address.

import SSMPTransport

/// The connections there are, in all and by address, shared by the loops. Connecting, logging in and closing take its lock;
/// messages never do.
final class Admissions: @unchecked Sendable {
  /// Why a connection is not let in.
  enum Refusal: Error {
    case total, descriptors, address, waiting
  }

  /// The limits, each on a number of connections.
  struct Limits: Equatable, Sendable {
    /// Of all that are logged in, and of all but those of the reserve.
    var total: Int
    /// Of the reserve: connections that are let in beyond that, to log in under an identity that is
    /// logged in and displace its connection.
    var reserve = 0
    /// True when it is the descriptors that allow no more.
    var isByDescriptors = false
    /// Of one address; 0 for none.
    var perAddress = 0
    /// Of one address that have not logged in yet; 0 for none.
    var waitingPerAddress = 0
  }

  /// What the lock guards, allocated once and initialized for as long as this lives. As properties of a class it would be
  /// watched for exclusive use at run time, which the lock sees to.
  private struct State: ~Copyable {
    var table: AdmissionTable
    var limits: Limits
  }

  private let state: UnsafeMutablePointer<State>
  private let lock = Lock()

  init(_ limits: Limits) {
    var random = SystemRandomNumberGenerator()
    state = .allocate(capacity: 1)
    state.initialize(to: State(table: AdmissionTable(key: (random.next(), random.next())), limits: limits))
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// The most connections there may be, without the reserve.
  var limit: Int { lock.withLock { state.pointee.limits.total } }

  /// The places of the reserve.
  var reserve: Int { lock.withLock { state.pointee.limits.reserve } }

  /// True when there are so many connections that some of them are in the reserve.
  var isCrowded: Bool { lock.withLock { state.pointee.table.total > state.pointee.limits.total } }

  /// Puts other limits in effect. Connections that have been let in stay, and count.
  func change(_ limits: Limits) {
    lock.withLock { state.pointee.limits = limits }
  }

  /// Lets a connection in, which waits for its login now; returns the number under which its address is kept until `release`.
  func admit(_ peer: PeerAddress) -> Result<UInt32, Refusal> {
    lock.withLock {
      if let refusal = refusal(of: peer) { return .failure(refusal) }
      return .success(state.pointee.table.add(peer))
    }
  }

  /// A connection of the address under this number has logged in.
  func settle(_ number: UInt32) {
    lock.withLock { state.pointee.table.settle(number) }
  }

  /// A connection that was let in under this number is gone.
  ///
  /// - Parameter isWaiting: true when it has not logged in.
  func release(_ number: UInt32, isWaiting: Bool) {
    lock.withLock { state.pointee.table.remove(number, isWaiting: isWaiting) }
  }

  /// The address that is kept under this number.
  func peer(_ number: UInt32) -> PeerAddress {
    lock.withLock { state.pointee.table[number].peer }
  }

  /// Gives back memory that was taken for addresses that are gone.
  func giveBack() {
    lock.withLock { state.pointee.table.giveBack() }
  }

  /// The number of connections.
  var count: Int { lock.withLock { state.pointee.table.total } }

  /// Why a connection of `peer` is not let in, if it is not. To be asked under the lock.
  private func refusal(of peer: PeerAddress) -> Refusal? {
    let limits = state.pointee.limits
    let noPlace: Refusal = limits.isByDescriptors ? .descriptors : .total
    guard state.pointee.table.total < limits.total + limits.reserve else { return noPlace }
    // Limits by address do not concern this machine's own unix sockets.
    guard peer != .local, limits.perAddress > 0 || limits.waitingPerAddress > 0 else { return nil }
    guard let group = state.pointee.table.group(of: peer) else { return nil }
    if limits.perAddress > 0, group.connections >= limits.perAddress { return .address }
    guard limits.waitingPerAddress > 0 else { return nil }
    if group.waiting >= limits.waitingPerAddress { return .waiting }
    // Of the reserve one address gets half.
    if state.pointee.table.total >= limits.total, group.waiting >= max(1, limits.reserve / 2) { return noPlace }
    return nil
  }
}
