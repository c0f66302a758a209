// A live view of one connection.

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
    guard try answer(of: handle.loop, { $0.addTap(tap, to: handle) }) else {
      throw AdminError("\(id.printable) is closing already")
    }
    hub.log.write(.notice, "admin tap=\(handle) id=\(id.printable) payload=\(showsPayload)")
    connection.write("tap conn=\(handle) id=\(id.printable); a line ends it")
    connection.flush()
    let (messages, dropped) = watch(tap)
    hub.tell(handle.loop) { $0.removeTap(tap, from: handle) }
    connection.write("ok messages=\(messages) dropped=\(dropped)")
  }

  /// Returns how many messages were shown, and how many came too fast for that.
  private mutating func watch(_ tap: Tap) -> (messages: Int, dropped: Int) {
    var messages = 0
    var dropped = 0
    while !connection.isBroken {
      _ = PatientSocket.wait(reading: [connection.socket.descriptor, tap.wakeup.descriptor], milliseconds: nil)
      let batch = tap.take()
      let time = TapText.time()
      for record in batch.records { connection.write(TapText.line(record, of: batch, at: time)) }
      if batch.dropped > 0 { connection.write("at=\(time) dropped=\(batch.dropped)") }
      messages += batch.records.count
      dropped += batch.dropped
      if let reason = batch.end { connection.write("at=\(time) closed reason=\(reason)") }
      connection.flush()
      if batch.end != nil || connection.readyLine(limit: AdminCommand.longestLine) != nil { break }
    }
    return (messages, dropped)
  }
}
