// The model finds what is wrong with answers and ends.

import Testing

@testable import ssmp_soak

@Suite("Soak: the model of answers and ends")
struct AnswerModelTests {
  private let story = Story()

  @Test("An answer to nothing, and one too many")
  func toNothing() {
    let client = story.login(0)
    story.model.answer(200, client)
    #expect(story.violations == ["200 answers nothing"])
  }

  @Test("Answers in the wrong order")
  func order() {
    let client = story.login(0)
    story.model.queue(.ping, client)
    story.model.queue(.unknown, client)
    story.model.answer(501, client)
    #expect(story.violations.first?.contains("PONG was expected, 501 came") == true)
  }

  @Test(
    "What follows from the requests before is known exactly",
    arguments: [
      (Request.subscribe(0, presence: false), UInt16(409)), (.unsubscribe(1), 404),
      (.subscribe(3, presence: true), 405),
    ])
  func exact(_ request: Request, _ code: UInt16) {
    let client = story.login(0)
    for topic in [0, 2, 1] { story.subscribe(client, topic) }
    story.unsubscribe(client, 1)
    story.subscribe(client, 1)
    if request == .unsubscribe(1) { story.unsubscribe(client, 1) }
    story.model.queue(request, client)
    story.model.answer(code, client)
    #expect(story.violations == [])
    story.model.queue(request, client)
    story.model.answer(200, client)
    #expect(story.violations.count == 1)
  }

  @Test("An anonymous client that may subscribe")
  func anonymous() {
    let client = story.login(nil)
    story.model.queue(.subscribe(0, presence: false), client)
    story.model.answer(200, client)
    #expect(story.violations.first?.contains("405 was expected") == true)
  }

  @Test("A topic that the access rules allow to nobody")
  func forbidden() {
    let client = story.login(0)
    story.model.queue(.subscribe(story.model.names.forbiddenTopic, presence: false), client)
    story.model.answer(200, client)
    #expect(story.violations.first?.contains("405 was expected") == true)
  }

  @Test("An answer that never comes is outstanding")
  func missing() {
    let client = story.login(0)
    story.model.queue(.ping, client)
    #expect(story.outstanding.first?.contains("is not answered") == true)
    story.model.answer(0, client)
    #expect(story.outstanding == [])
  }

  @Test("Something behind the answer to CLOSE, and a connection that stays open behind it")
  func afterClose() {
    let client = story.login(0)
    story.model.queue(.close, client)
    story.model.answer(200, client)
    #expect(story.outstanding.first?.contains("still open behind its last answer") == true)
    story.model.answer(200, client)
    #expect(story.violations.first?.contains("behind the last one") == true)
  }

  @Test("An end for no reason is told, one with a reason is not")
  func ends() {
    let client = story.login(0)
    #expect(story.model.ended(client, .orderly))
    let second = story.login(1)
    story.model.queue(.close, second)
    story.model.answer(200, second)
    #expect(!story.model.ended(second, .orderly))
    let third = story.login(2)
    _ = story.connect(2)
    #expect(!story.model.ended(third, .orderly), "it may have been displaced")
    let fourth = story.login(3)
    story.model.serverStops()
    #expect(!story.model.ended(fourth, .orderly))
    #expect(story.violations == [])
  }

  @Test("Whoever shuts its sending side down is answered first, and receives what is due")
  func halfClose() {
    let client = story.login(0)
    story.model.queue(.ping, client)
    story.model.halfClose(client)
    story.model.ended(client, .orderly)
    #expect(story.violations.first?.contains("not all requests were answered") == true)

    let other = Story()
    let (sender, recipient) = (other.login(0), other.login(1))
    other.say(.unicast(1), sender)
    other.model.halfClose(recipient)
    other.model.ended(recipient, .orderly)
    #expect(other.violations.first?.contains("was lost") == true)
  }

  @Test("A 401 while nobody holds the name, and a login by open that displaces a certificate")
  func names() {
    let client = story.connect(Story.certificate)
    story.model.answer(401, client)
    #expect(story.violations.first?.contains("nobody holds the name") == true)

    let held = Story()
    _ = held.login(Story.certificate, isProven: true)
    held.model.answer(401, held.connect(Story.certificate))
    #expect(held.violations == [])
    held.model.answer(200, held.connect(Story.certificate))
    #expect(held.violations.first?.contains("has displaced one by certificate") == true)

    // A limit may have closed a client that reads poorly, and it has not read so far.
    let slow = Story()
    slow.model.readPoorly(slow.login(Story.certificate, isProven: true), milliseconds: 200)
    slow.model.answer(200, slow.connect(Story.certificate))
    #expect(slow.violations == [])
  }

  @Test("A silent client that is told something, and one that is not closed")
  func silent() {
    let client = story.model.open(identity: 0)
    story.model.keepSilent(client)
    #expect(story.outstanding == ["a connection without LOGIN is still open"])
    story.model.answer(400, client)
    #expect(story.violations == ["an answer to a client that has asked for nothing"])
  }
}
