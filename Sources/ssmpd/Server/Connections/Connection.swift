// One connection, as its loop sees it.

import Containers
import SSMPCore
import SSMPTransport

/// The record of one connection. It is a plain value in the loop's table; an idle connection owns no buffer.
struct Connection: BitwiseCopyable {
  /// How far a connection has come to its end.
  enum State: UInt8, BitwiseCopyable {
    /// Requests are read and served.
    case open
    /// It is over, and what is pending is still being sent.
    case ending
    /// Everything has been sent and the server's side is shut; what still comes is read and forgotten.
    case lingering
    /// The descriptor is closed; the slot waits until nothing in a log refers to it.
    case closed
  }

  struct Flags: OptionSet, BitwiseCopyable {
    let rawValue: UInt32
    /// The kernel may have input that has not been read.
    static let readable = Flags(rawValue: 1)
    /// In the list of connections to be read from.
    static let queued = Flags(rawValue: 2)
    /// The registry has held it back: what `kept` holds waits for a `resume`.
    static let held = Flags(rawValue: 4)
    /// Its pending output is over the soft mark, and senders wait until it has drained.
    static let congested = Flags(rawValue: 8)
    /// The same, but it has kept senders waiting for long enough: those with other recipients do not wait for it.
    static let slow = Flags(rawValue: 16)
    /// The same, and it has not drained for seconds.
    static let stuck = Flags(rawValue: 1 << 19)
    /// Its initial batch of presence has more.
    static let roster = Flags(rawValue: 32)
    /// To be read until a read would block: that one came back short proves nothing, because the peer has shut its side,
    /// or has sent urgent data, at which reads stop.
    static let readOut = Flags(rawValue: 64)
    /// Let go on by the registry, but its own output has to drain first.
    static let resumeDrained = Flags(rawValue: 128)
    /// Its TLS handshake is not over.
    static let handshaking = Flags(rawValue: 256)
    /// Its certificate has to be looked at once more when the handshake is over.
    static let verifyAgain = Flags(rawValue: 512)
    /// It has logged in.
    static let settled = Flags(rawValue: 1024)
    /// It has made the requests that it may make for now: what `kept` holds waits for the end of a pause.
    static let paused = Flags(rawValue: 2048)
    /// Its peer has nothing more to say: when everything has been sent it is closed at once.
    static let parted = Flags(rawValue: 4096)
    /// The peer has shut its side.
    static let halfClosed = Flags(rawValue: 1 << 16)
    /// The peer has hung up, or the connection is broken: nothing is sent any more, and what has come is still served.
    static let hungUp = Flags(rawValue: 1 << 17)
    /// It was a send that failed by which the loop found out.
    static let lost = Flags(rawValue: 1 << 18)
    /// An operator watches what it says and is told.
    static let tapped = Flags(rawValue: 1 << 15)
  }

  // In this order they fill 104 bytes without a gap (a test compares).
  var descriptor: Int32 = -1
  /// Tells an event for this connection from one for an earlier one in the same slot.
  var generation: UInt32 = 0
  /// Its TLS, from the first bytes of the handshake on; `nil` for a plain connection.
  var tls: TLSStream?
  var session = Session(schemes: [], strict: true)
  var state = State.closed
  var flags: Flags = []
  /// The place of its address in the table of admissions.
  var address: UInt32 = 0
  /// The beginning of a request that is not complete, or what a held connection had already sent.
  var kept = OwnedBytes()
  /// Output that the kernel has not taken.
  var backlog = OwnedBytes()
  /// Output that has been staged and not been sent.
  var staged = StagedOutput()
  /// When it was accepted, in seconds.
  var opened: UInt32 = 0
  var port: UInt16 = 0
  /// When it was held back for what keeps others waiting, too: the last bits of the time in milliseconds, 0 when it is not.
  var heldSince: UInt16 = 0
  /// How long it may still hold senders back, and be held back for recipients, where that keeps others waiting.
  var recipientPatience = Patience()
  var senderPatience = Patience()
  /// The requests it may make; of no meaning without a limit.
  var rate = RequestRate()
  /// The complete requests that it sent and that were looked at, what follows the end of its conversation in the same read
  /// included.
  var requests: UInt64 = 0
  /// What it has sent and has been sent, in bytes, without TLS.
  var bytesIn: UInt64 = 0
  var bytesOut: UInt64 = 0
}
