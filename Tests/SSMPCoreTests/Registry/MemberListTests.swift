// The members of a topic.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("MemberList")
struct MemberListTests {
  @Test("Appending and removing give what an array gives", arguments: [2, 5, 300])
  func model(_ size: Int) {
    var chance = Chance(seed: 11)
    var list = MemberList()
    var model: [UInt32] = []
    for number in UInt32(0)..<5000 {
      if model.count < size, !chance.once(in: model.count > size / 2 ? 2 : 4) || model.isEmpty {
        let place = list.append(Member(client: ClientID(raw: number), subscription: number))
        #expect(Int(place) == model.count)
        model.append(number)
      } else {
        let place = chance.below(model.count)
        let last = model.removeLast()
        let moved = list.remove(at: UInt32(place))
        #expect(moved?.subscription == (place < model.count ? last : nil))
        if place < model.count { model[place] = last }
      }
      #expect((0..<list.count).map { list[$0].subscription } == model)
    }
    while list.count > 0 { _ = list.remove(at: 0) }
    list.release()
  }
}
