// The model finds what is wrong with messages.

import Testing

@testable import ssmp_soak

@Suite("Soak: the model of messages")
struct DeliveryModelTests {
  private let story = Story()
  private let sender: Session
  private let recipient: Session

  init() {
    sender = story.login(0)
    recipient = story.login(1)
  }

  @Test("A dialogue as it should be is no violation")
  func good() {
    story.subscribe(recipient, 0)
    story.subscribe(sender, 0)
    let one = story.say(.unicast(1), sender)
    let two = story.say(.multicast(0), sender)
    let three = story.say(.broadcast, sender)
    for sent in [one, two, three] { story.deliver(sent, to: recipient) }
    let own = story.model.queue(.unicast(0), sender)
    story.deliver(own, to: sender)
    story.model.answer(200, sender)
    story.say(.unicast(3), sender, 404)
    story.ping(recipient)
    #expect(story.violations == [])
    #expect(story.outstanding == [])
    story.model.settle()
    #expect(story.violations == [])
  }

  @Test("A message that comes twice")
  func twice() {
    let sent = story.say(.unicast(1), sender)
    story.deliver(sent, to: recipient)
    story.deliver(sent, to: recipient)
    #expect(story.violations.first?.contains("came twice") == true)
  }

  @Test("Two messages in the wrong order")
  func order() {
    story.subscribe(recipient, 0)
    let one = story.say(.unicast(1), sender)
    let two = story.say(.multicast(0), sender)
    story.deliver(two, to: recipient)
    story.deliver(one, to: recipient)
    #expect(story.violations.first?.contains("came twice, or behind message 1") == true)
  }

  @Test(
    "A message that is lost, which the next answer shows", arguments: [Request.unicast(1), .multicast(0), .broadcast])
  func lost(_ request: Request) {
    story.subscribe(recipient, 0)
    story.subscribe(sender, 0)
    story.say(request, sender)
    #expect(story.violations == [], "it may be on its way")
    #expect(story.outstanding.first?.contains("1 messages are missing") == true)
    story.ping(recipient)
    #expect(story.violations.first?.contains("was lost") == true)
  }

  @Test("A message in the middle that is lost, though later ones have come")
  func gap() {
    story.say(.unicast(1), sender)
    story.deliver(story.say(.unicast(1), sender), to: recipient)
    story.ping(recipient)
    #expect(story.violations.first?.contains("message 0") == true)
  }

  @Test("Nothing is lost where the answer can have overtaken no message")
  func notYet() {
    let model = story.model
    model.queue(.ping, recipient)
    story.say(.unicast(1), sender)
    model.answer(0, recipient)
    #expect(story.violations == [], "the PING was sent before the message was answered")
  }

  @Test("A message for somebody else")
  func stray() {
    let other = story.login(2)
    story.deliver(story.say(.unicast(1), sender), to: other)
    #expect(story.violations.first?.contains("is for another client") == true)
  }

  @Test("A message that nobody has sent")
  func invented() {
    let payload = Payload(sender: sender.uid, sequence: 7, length: 40, isBinary: false).bytes
    story.model.message(.ucast, from: 0, target: 1, payload: payload, recipient)
    #expect(story.violations.first?.contains("nobody has sent") == true)
  }

  @Test("A payload of which one byte has changed", arguments: [false, true])
  func changed(_ isBinary: Bool) throws {
    let sent = try #require(story.model.queue(.unicast(1), sender, length: 100, binary: isBinary))
    var bytes = sent.payload.bytes
    #expect(bytes.count == (isBinary ? 102 : 100))
    #expect(isBinary == bytes.contains(10))
    bytes[bytes.count - 1] ^= 1
    story.deliver(sent, to: recipient, payload: bytes)
    #expect(story.violations.first?.contains("its payload has changed") == true)
  }

  @Test("A message under the name of another sender")
  func forged() {
    story.deliver(story.say(.unicast(1), sender), to: recipient, from: 2)
    #expect(story.violations.first?.contains("came from another identity") == true)
  }

  @Test("A multicast to a client that does not subscribe, and to one that does not any more")
  func withoutSubscription() {
    story.deliver(story.say(.multicast(0), sender), to: recipient)
    #expect(story.violations.first?.contains("came without a subscription") == true)
    let other = Story()
    let (one, two) = (other.login(0), other.login(1))
    other.subscribe(two, 0)
    let sent = other.say(.multicast(0), one)
    other.deliver(sent, to: two)
    let late = other.say(.multicast(0), one)
    other.unsubscribe(two, 0)
    #expect(other.violations.first?.contains("was lost") == true, "it was to come before the 200 of UNSUBSCRIBE")
    other.deliver(late, to: two)
    #expect(other.violations.last?.contains("came without a subscription") == true)
  }

  @Test("A multicast before the 200 of SUBSCRIBE, and one that had been answered before SUBSCRIBE was sent")
  func early() {
    story.model.queue(.subscribe(0, presence: false), recipient)
    story.deliver(story.model.queue(.multicast(0), sender), to: recipient)
    #expect(story.violations.first?.contains("came without a subscription") == true)
    let other = Story()
    let (one, two) = (other.login(0), other.login(1))
    let before = other.say(.multicast(0), one)
    other.subscribe(two, 0)
    other.deliver(before, to: two)
    #expect(other.violations.first?.contains("is from before this SUBSCRIBE") == true)
  }

  @Test("A multicast need not reach a client whose UNSUBSCRIBE was on its way")
  func leaving() {
    story.subscribe(recipient, 0)
    story.model.queue(.unsubscribe(0), recipient)
    story.say(.multicast(0), sender)
    story.model.answer(200, recipient)
    #expect(story.violations == [])
  }

  @Test("A message that comes back to its sender")
  func back() {
    story.subscribe(sender, 0)
    story.deliver(story.say(.multicast(0), sender), to: sender)
    #expect(story.violations.first?.contains("came back") == true)
    let other = Story()
    let one = other.login(0)
    other.subscribe(one, 0)
    other.deliver(other.say(.broadcast, one), to: one)
    #expect(other.violations.first?.contains("came back") == true)
  }

  @Test("A broadcast to a client that shares no topic")
  func noTopicShared() {
    story.subscribe(sender, 0)
    story.subscribe(recipient, 1)
    story.deliver(story.say(.broadcast, sender), to: recipient)
    #expect(story.violations.first?.contains("shares no topic") == true)
  }

  @Test("A broadcast to a client that has left before it was sent, and to one that leaves meanwhile")
  func noTopicSharedAnyMore() {
    story.subscribe(sender, 0)
    story.subscribe(recipient, 0)
    let sent = story.model.queue(.broadcast, sender)
    story.unsubscribe(recipient, 0)
    story.deliver(sent, to: recipient)
    #expect(story.violations == [])
    story.model.answer(200, sender)
    story.deliver(story.model.queue(.broadcast, sender), to: recipient)
    #expect(story.violations.first?.contains("shares no topic") == true)
  }

  @Test("A refused message that is delivered all the same")
  func refused() {
    let sent = story.say(.multicast(story.model.names.forbiddenTopic), sender, 405)
    story.deliver(sent, to: recipient)
    #expect(story.violations.isEmpty == false)
  }

  @Test("404 for a client that is there")
  func absent() {
    story.say(.unicast(1), sender, 404)
    #expect(story.violations == [], "a limit may have closed it a moment ago")
    story.ping(recipient)
    #expect(story.violations.first?.contains("was answered 404") == true)
  }

  @Test("200 for a client that is not there")
  func present() {
    story.say(.unicast(5), sender)
    #expect(story.violations.first?.contains("its recipient was not there") == true)
    let other = Story()
    let (one, two) = (other.login(0), other.login(1))
    other.model.queue(.close, two)
    other.model.answer(200, two)
    other.say(.unicast(1), one)
    #expect(other.violations.first?.contains("its recipient was not there") == true)
  }

  @Test("A message that was answered before its recipient logged in")
  func resurrected() {
    let sent = story.say(.unicast(1), sender)
    story.model.reset(recipient)
    story.model.ended(recipient, .own)
    let next = story.login(1)
    story.deliver(sent, to: next)
    #expect(story.violations.first?.contains("is from before this LOGIN") == true)
  }
}
