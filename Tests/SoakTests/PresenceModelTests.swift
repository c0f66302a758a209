// The model finds what is wrong with presence and takeovers.

import Testing

@testable import ssmp_soak

@Suite("Soak: the model of presence and takeovers")
struct PresenceModelTests {
  private let story = Story()
  private let watcher: Session

  init() {
    watcher = story.login(0)
    story.subscribe(watcher, 0, presence: true)
  }

  @Test("Members that come and go as they should")
  func good() {
    story.model.settle()
    let member = story.login(1)
    story.subscribe(member, 0, presence: true)
    story.joins(0, 0, presence: true, at: member)
    story.joins(1, 0, presence: true, at: watcher)
    story.unsubscribe(member, 0)
    story.leaves(1, 0, at: watcher)
    story.subscribe(member, 0)
    story.joins(1, 0, at: watcher)
    #expect(story.outstanding == [])
    story.model.settle()
    #expect(story.violations == [])
  }

  @Test("A member that is announced twice")
  func twice() {
    let member = story.login(1)
    story.subscribe(member, 0)
    story.joins(1, 0, at: watcher)
    story.joins(1, 0, at: watcher)
    #expect(story.violations.first?.contains("was announced twice") == true)
  }

  @Test("An UNSUBSCRIBE before its SUBSCRIBE")
  func backwards() {
    let member = story.login(1)
    story.subscribe(member, 0)
    story.leaves(1, 0, at: watcher)
    #expect(story.violations.first?.contains("came before its SUBSCRIBE") == true)
  }

  @Test("Presence before the 200 of SUBSCRIBE, without PRESENCE, and after the 200 of UNSUBSCRIBE")
  func outside() {
    let member = story.login(1)
    story.model.queue(.subscribe(1, presence: true), watcher)
    story.subscribe(member, 1)
    story.joins(1, 1, at: watcher)
    #expect(story.violations.last?.contains("came without a subscription with PRESENCE") == true)
    story.subscribe(member, 0)
    story.joins(0, 0, presence: true, at: member)
    #expect(story.violations.count == 2)
    story.model.answer(200, watcher)
    story.unsubscribe(watcher, 0)
    story.joins(1, 0, at: watcher)
    #expect(story.violations.count == 3)
  }

  @Test("A client that is told of itself, and of one that has never asked for the topic")
  func wrongMembers() {
    story.joins(0, 0, presence: true, at: watcher)
    #expect(story.violations.last?.contains("tells a client of itself") == true)
    _ = story.login(1)
    story.joins(1, 0, at: watcher)
    #expect(story.violations.last?.contains("has never asked for it") == true)
  }

  @Test("A member that is missing, one that is gone, and one with the wrong option, when all is quiet")
  func wrongRoster() {
    let member = story.login(1)
    story.subscribe(member, 0)
    #expect(story.outstanding.first?.contains("missing [g0/client-1]") == true)
    story.joins(1, 0, presence: true, at: watcher)
    #expect(story.outstanding.first?.contains("with another option [g0/client-1]") == true)
    story.model.reset(member)
    story.model.ended(member, .own)
    #expect(story.outstanding.first?.contains("gone but announced [g0/client-1]") == true)
    story.leaves(1, 0, at: watcher)
    #expect(story.outstanding == [])
  }

  @Test("Leaving and coming back that a watcher was not told of, although it ends up right")
  func unnoticed() {
    let member = story.login(1)
    story.subscribe(member, 0)
    story.joins(1, 0, at: watcher)
    story.model.settle()
    story.unsubscribe(member, 0)
    story.subscribe(member, 0)
    #expect(story.outstanding == [])
    story.model.settle()
    #expect(story.violations.first?.contains("has joined shared/g0-0 1 times, and was announced 0 times") == true)
  }

  @Test("Something of a new connection before the UNSUBSCRIBE of the one that it has displaced")
  func takeoverOrder() {
    let old = story.login(1)
    story.subscribe(old, 0)
    story.joins(1, 0, at: watcher)
    let new = story.login(1)
    let sent = story.say(.unicast(0), new)
    story.deliver(sent, to: watcher)
    #expect(story.violations.first?.contains("still announced as a member") == true)
  }

  @Test("A message before the SUBSCRIBE that its sender had been answered")
  func messageBeforeMember() {
    story.model.settle()
    let member = story.login(1)
    story.subscribe(member, 0)
    story.deliver(story.say(.multicast(0), member), to: watcher)
    #expect(story.violations.first?.contains("before its sender was announced") == true)
  }

  @Test("A message of a displaced connection behind one of its successor")
  func succession() {
    let old = story.login(1)
    let late = story.say(.unicast(0), old)
    let new = story.login(1)
    story.deliver(story.say(.unicast(0), new), to: watcher)
    story.deliver(late, to: watcher)
    #expect(story.violations.contains { $0.contains("which has displaced its sender") })
  }

  @Test("A message to a connection that had been displaced before, and a displaced connection that stays open")
  func displaced() {
    let old = story.login(1)
    _ = story.login(1)
    #expect(story.outstanding.contains { $0.contains("was displaced, and is still open") })
    story.deliver(story.say(.unicast(1), watcher), to: old)
    #expect(story.violations.first?.contains("displaced before") == true)
  }

  @Test("Two logins at the same time that both stay")
  func both() {
    let one = story.connect(1)
    let two = story.connect(1)
    story.model.answer(200, one)
    story.model.answer(200, two)
    #expect(story.outstanding == ["two connections are logged in under one identity"])
    story.model.ended(one, .orderly)
    #expect(story.outstanding == [])
    #expect(story.violations == [])
  }

  @Test("A message to a client whose name another is about to take need not arrive")
  func contested() {
    _ = story.login(1)
    _ = story.connect(1)
    story.say(.unicast(1), watcher)
    #expect(story.outstanding.allSatisfy { !$0.contains("messages are missing") })
    #expect(story.violations == [])
  }
}
