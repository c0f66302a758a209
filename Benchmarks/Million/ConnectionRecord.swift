// What the daemon keeps of one connection, field by field.

import Containers
import SSMPCore
import SSMPTransport

/// The same fields as ssmpd's `Connection`, which an executable cannot export. A unit test of ssmpd compares the sizes of
/// the two, so the memory that is measured here is the memory that the daemon uses.
struct ConnectionRecord: BitwiseCopyable {
  var descriptor: Int32 = -1
  var generation: UInt32 = 0
  var tls: TLSStream?
  var session = Session(schemes: SchemeSet([.open]), strict: true)
  var isOpen = false
  var flags: UInt32 = 0
  var address: UInt32 = 0
  var kept = OwnedBytes()
  var backlog = OwnedBytes()
  var staged = StagedOutput()
  var opened: UInt32 = 0
  var port: UInt16 = 0
  var heldSince: UInt16 = 0
  var recipientPatience = Patience()
  var senderPatience = Patience()
  var rate: (Int32, Ticks) = (0, Ticks(0))
  var requests: UInt64 = 0
  var bytesIn: UInt64 = 0
  var bytesOut: UInt64 = 0
}
