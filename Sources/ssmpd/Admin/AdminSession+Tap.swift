// A live view of one connection.

import CommandLineTools
import SSMPTransport

extension AdminSession {
  /// Shows what a connection says and is told, until it ends, or the operator says anything.
  mutating func tap(_ id: String, _ showsPayload: Bool) throws(AdminError) {
    let handle = try find(id)
    let tap: Tap
    do throws(SystemError) {
      tap = try Tap(showsPayload: showsPayload)
    } catch {
      throw AdminError("cannot tap: \(error)")
    }
    do throws(AdminError) {
      guard try answer(of: handle.loop, { $0.addTap(tap, to: handle) }) else {
        throw AdminError("\(id.printable) is closing already")
      }
    } catch {
      // A loop that was stuck begins when it goes on, and ends at once.
      hub.tell(handle.loop) { $0.removeTap(tap, from: handle) }
      throw error
    }
    hub.log.write(.notice, "admin tap conn=\(handle) id=\(id.logged) payload=\(showsPayload)")
    connection.write("conn=\(handle) id=\(id.logged) tapped=true end=\"any line\"")
    connection.flush()
    var count = Count()
    while !show(tap.take(), &count), connection.readyLine(limit: AdminCommand.longestLine) == nil {
      _ = PatientSocket.wait(reading: [connection.socket.descriptor, tap.wakeup.descriptor], milliseconds: nil)
    }
    // What has come until now is shown, too, as far as the loop answers.
    _ = hub.ask(handle.loop) { $0.removeTap(tap, from: handle) }
    _ = show(tap.take(), &count)
    connection.write("ok messages=\(count.messages) dropped=\(count.dropped)")
  }

  /// What a tap has shown, and what came too fast for that.
  private struct Count {
    var messages = 0
    var dropped = 0
  }

  /// Returns true when nothing more will come, or nobody reads it.
  private mutating func show(_ batch: Tap.Batch, _ count: inout Count) -> Bool {
    let time = Timestamp.now().timeOfDay
    for record in batch.records { connection.write(TapText.line(record, of: batch, at: time)) }
    if batch.dropped > 0 { connection.write("at=\(time) dropped=\(batch.dropped)") }
    if let reason = batch.end { connection.write("at=\(time) closed=true reason=\(reason)") }
    connection.flush()
    count.messages += batch.records.count
    count.dropped += batch.dropped
    return batch.end != nil || connection.isBroken
  }
}
