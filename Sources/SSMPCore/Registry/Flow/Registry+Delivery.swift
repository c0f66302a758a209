// Writing events and replies into the logs of the loops.

/// A run of messages from one client to the same recipients, which share one entry in the log: what a fan-out costs is
/// paid once for a whole run of a publisher's messages.
struct Run {
  var verb = Verb.unknown
  /// The bytes of the first request's id, which the next one must repeat.
  var id = 0..<0
  /// The loops with recipients; none when no run is open.
  var loops: UInt64 = 0
  var recipients = 0
}

extension Registry {
  /// Begins a step on behalf of `client`.
  mutating func begin(actingFor client: ClientID) {
    beginStep(on: client.loop)
    logs[client.loop].endReplies()
  }

  /// Answers a request.
  mutating func reply(_ code: ReplyCode, to client: ClientID) {
    counts.replies[code] += 1
    logs[client.loop].reply(code, to: client.slot)
    touch(client.loop)
  }

  /// Adds a recipient of the event in the making.
  @inline(__always) mutating func address(_ client: ClientID) {
    let loop = client.loop
    if logs.addressed >> UInt64(loop) & 1 == 0 {
      logs.addressed |= 1 << UInt64(loop)
      logs[loop].beginRecipients()
    }
    logs[loop].recipients.append(client.slot)
  }

  /// Adds all members but one as recipients of the event in the making.
  mutating func address(_ members: MemberList, except client: ClientID?) {
    for place in 0..<members.count {
      let member = members[place].client
      if member != client { address(member) }
    }
  }

  /// Sends a client's request to the recipients that were added (`000 SP from SP request LF`), and opens a run that
  /// the next request of the same kind may extend, unless there are no recipients.
  mutating func forward(_ request: Request, _ bytes: RawSpan, from client: ClientID) {
    run.loops = 0
    guard logs.addressed != 0 else { return }
    let loops = logs.addressed
    var recipients = 0
    forEachLoop(of: loops) { registry, loop in recipients += registry.logs[loop].beginEvents() }
    logs.addressed = 0
    write(request, bytes, from: client, loops: loops)
    counts.events += UInt64(recipients)
    run.verb = request.verb
    run.id = request.id
    run.recipients = recipients
    run.loops = loops
  }

  /// Sends a client's request to the recipients of the run that is open, if it has the same ones.
  mutating func extendRun(_ request: Request, _ bytes: RawSpan, from client: ClientID) -> Bool {
    guard run.loops != 0, run.verb == request.verb, bytes.equal(run.id, request.id) else { return false }
    write(request, bytes, from: client, loops: run.loops)
    counts.events += UInt64(run.recipients)
    return true
  }

  private mutating func write(_ request: Request, _ bytes: RawSpan, from client: ClientID, loops: UInt64) {
    let name = record(client).name
    let line = request.line
    forEachLoop(of: loops) { registry, loop in
      var target = unsafe registry.logs[loop].reserveEvents(4 + Int(name.length) + 1 + line.count + 1)
      unsafe target.write("000 ")
      unsafe target.write(registry.names.address(name), Int(name.length))
      unsafe target.write(" ")
      unsafe bytes.withUnsafeBytes { source in
        unsafe target.write(source.baseAddress.unsafelyUnwrapped + line.lowerBound, line.count)
      }
      unsafe target.write("\n")
      registry.charge(loop, 4 + Int(name.length) + 1 + line.count + 1)
      // The response that follows does it for the loop of the sender.
      if loop != registry.logs.actingLoop { registry.touch(loop) }
    }
  }

  /// Counts bytes of the open entry for its recipient, if it has only one.
  @inline(__always) mutating func charge(_ loop: Int, _ length: Int) {
    guard let slot = logs[loop].soleRecipient else { return touchCrowd(loop) }
    charge(loop, Int(slot), length)
  }

  /// Counts what a client was answered since its loop's log held `before` bytes of replies.
  @inline(never) mutating func chargeReplies(to client: ClientID, since before: Int) {
    charge(client.loop, Int(client.slot), logs[client.loop].replyBytes - before)
  }

  @inline(__always) private mutating func charge(_ loop: Int, _ slot: Int, _ length: Int) {
    if clients[loop][slot].stagedIn != logs.takes[loop] {
      clients[loop][slot].stagedIn = logs.takes[loop]
      clients[loop][slot].staged = 0
    }
    clients[loop][slot].staged &+= UInt32(truncatingIfNeeded: length)
    if clients[loop][slot].staged >= limits.clientBytes { logs.loaded |= 1 << UInt64(loop) }
  }

  /// Sends a presence event to the recipients that were added (`000 SP from SP [UN]SUBSCRIBE SP topic [SP PRESENCE] LF`).
  mutating func announce(_ verb: Verb, _ name: NameReference, _ topic: UInt32, presence: Bool) {
    guard logs.addressed != 0 else { return }
    run.loops = 0
    var recipients = 0
    forEachLoop(of: logs.addressed) { registry, loop in
      recipients += registry.logs[loop].beginEvents()
      let length = registry.writePresence(verb, name, topic, presence: presence, to: loop)
      registry.charge(loop, length)
      registry.touch(loop)
    }
    counts.events += UInt64(recipients)
    logs.addressed = 0
  }

  /// Adds the text of a presence event to the open entry of a loop's log; returns its length.
  mutating func writePresence(_ verb: Verb, _ from: NameReference, _ topic: UInt32, presence: Bool, to loop: Int) -> Int
  {
    let name = topics[topic].name
    let option: StaticString = presence ? " PRESENCE\n" : "\n"
    let length = 4 + Int(from.length) + 1 + verb.length + 1 + Int(name.length) + option.utf8CodeUnitCount
    var target = unsafe logs[loop].reserveEvents(length)
    unsafe target.write("000 ")
    unsafe target.write(names.address(from), Int(from.length))
    unsafe target.write(" ")
    unsafe target.write(verb.name)
    unsafe target.write(" ")
    unsafe target.write(names.address(name), Int(name.length))
    unsafe target.write(option)
    return length
  }

  private mutating func forEachLoop(of loops: UInt64, _ body: (inout Registry, Int) -> Void) {
    var rest = loops
    while rest != 0 {
      body(&self, rest.trailingZeroBitCount)
      rest &= rest - 1
    }
  }
}
