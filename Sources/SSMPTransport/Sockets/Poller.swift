// Waiting for descriptors.

import CEpoll
import Glibc

/// What happened to a descriptor.
public struct PollEvent: Sendable {
  /// The token it was registered with.
  public let token: UInt64
  let events: UInt32

  /// There is something to read, an end or an error included.
  public var isReadable: Bool { events & ~ssmp_EPOLLOUT != 0 }
  /// There is room to write again.
  public var isWritable: Bool { events & ssmp_EPOLLOUT != 0 }
  /// The connection is over in both directions, or broken: nothing that is sent arrives any more. What has come before can
  /// still be read.
  public var hasHungUp: Bool { events & (ssmp_EPOLLHUP | ssmp_EPOLLERR) != 0 }
  /// The peer has shut down its side: nothing comes behind what it has sent.
  public var isHalfClosed: Bool { events & ssmp_EPOLLRDHUP != 0 }
  /// A read that returns less than asked for may still be followed by more, of which nothing else will tell: the peer has
  /// shut down its side, or has sent urgent data, at which reads stop.
  public var mayReadShort: Bool {
    events & (ssmp_EPOLLPRI | ssmp_EPOLLRDHUP | ssmp_EPOLLHUP | ssmp_EPOLLERR) != 0
  }
}

/// An epoll instance, edge-triggered: whoever is told that a descriptor is readable or writable remembers it until a call
/// on it would block. Registering once is all that a descriptor ever costs, and not reading from it costs nothing.
@safe
public struct Poller: ~Copyable {
  private let descriptor: Int32
  private let events: UnsafeMutablePointer<epoll_event>

  /// The most events that one wait returns.
  public static let batch = 512

  /// A poller that watches nothing yet.
  public init() throws(SystemError) {
    descriptor = try check("epoll_create1") { epoll_create1(ssmp_EPOLL_CLOEXEC) }
    unsafe events = .allocate(capacity: Self.batch)
    unsafe events.initialize(repeating: epoll_event(), count: Self.batch)
  }

  deinit {
    close(descriptor)
    unsafe events.deallocate()
  }

  /// Watches a descriptor for everything, under this token, until it is closed.
  public func add(_ watched: Int32, token: UInt64) throws(SystemError) {
    let interest = ssmp_EPOLLIN | ssmp_EPOLLPRI | ssmp_EPOLLOUT | ssmp_EPOLLRDHUP | ssmp_EPOLLET
    try check("epoll_ctl") { ssmp_epoll_add(descriptor, watched, interest, token) }
  }

  /// Watches a descriptor for input, level-triggered: it is reported as long as there is some.
  public func addLevelTriggered(_ watched: Int32, token: UInt64) throws(SystemError) {
    try check("epoll_ctl") { ssmp_epoll_add(descriptor, watched, ssmp_EPOLLIN, token) }
  }

  /// No longer watches a descriptor that stays open.
  public func remove(_ watched: Int32) {
    _ = ssmp_epoll_remove(descriptor, watched)
  }

  /// Waits until something happens; returns the number of events.
  ///
  /// - Parameter milliseconds: the longest wait; `nil` means for ever, 0 not at all.
  public func wait(milliseconds: UInt32?) -> Int {
    let limit = milliseconds.map { Int32(clamping: $0) } ?? -1
    let count = unsafe epoll_wait(descriptor, events, Int32(Self.batch), limit)
    // An interrupted wait is a wait without events: the caller looks at its deadlines and comes back.
    return max(0, Int(count))
  }

  /// The same with a limit in nanoseconds, for who has to be somewhere in time. Where the kernel lacks the call (before
  /// Linux 5.11) the limit is rounded up to milliseconds.
  public func wait(nanoseconds: UInt64) -> Int {
    let count = unsafe ssmp_epoll_wait(descriptor, events, Int32(Self.batch), nanoseconds)
    guard count == -1, errno == ENOSYS else { return max(0, Int(count)) }
    return wait(milliseconds: UInt32(clamping: nanoseconds / 1_000_000 + 1))
  }

  /// Lets waits of this thread end when they should, and not up to 50 microseconds later.
  public static func waitExactly() {
    ssmp_set_timer_slack(1)
  }

  /// Lets time pass, whatever happens meanwhile.
  public static func rest(nanoseconds: UInt64) {
    var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    unsafe nanosleep(&time, nil)
  }

  /// The event with this number of the last wait.
  public func event(_ index: Int) -> PollEvent {
    unsafe PollEvent(token: ssmp_event_token(events + index), events: events[index].events)
  }
}
