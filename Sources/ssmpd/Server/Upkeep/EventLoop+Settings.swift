// Other settings, as far as a loop is concerned.

import SSMPCore
import SSMPTransport

extension EventLoop {
  /// Notices that other settings have been published.
  mutating func noticeSettings() {
    upkeep.adoption.notice(hub.settingsGeneration.load(ordering: .acquiring))
  }

  /// Adopts the settings that were published last, once they are due.
  mutating func adoptSettings() {
    guard upkeep.adoption.isDue else { return }
    let (adopted, generation) = hub.publishedSettings()
    // Others were published meanwhile, and are noticed with the next turn.
    guard generation == upkeep.adoption.generation else { return }
    upkeep.adoption.end()
    let before = settings
    settings = adopted
    hub.noteAdoption(of: generation)
    if adopted.pingInterval < before.pingInterval { spreadPings() }
    // The next check of all pending bytes is made even if they have not changed: the limit may
    // have.
    memory.published = -1
  }

  /// With a shorter interval many are late for their PING at once, and in step for ever after; so they are spread over the
  /// interval anew.
  private mutating func spreadPings() {
    let slots = connections.slots.filter { deadlines.liveness.kind(of: $0) == Deadlines.ping }
    let interval = UInt64(settings.pingInterval)
    for (number, slot) in slots.enumerated() {
      // Those that come first in the list began first.
      let since = interval - interval * UInt64(number) / UInt64(slots.count)
      deadlines.liveness.set(slot, Deadlines.ping, since: now.before(UInt32(since)))
    }
  }
}
