// Events of one read, on their way to sequences.

import SSMPCore

/// The events of one read that go to the same place, gathered so that each sequence is entered once for many.
///
/// Invariant: it lives no longer than the input, which does not change meanwhile.
@safe
struct Delivery {
  private let input: UnsafeRawBufferPointer
  private var filler = ChunkFiller()
  /// The topic that the events are of; `nil` if there are none.
  var topic: Topic?
  /// True for events of presence, which only some of the topic's sequences get.
  var isPresence = false
  var events: [TopicEvent] = []
  var messages: [MessageEvent] = []

  /// Events of this input, which stays as it is meanwhile.
  init(_ input: UnsafeRawBufferPointer) {
    unsafe self.input = unsafe input
  }

  /// The payload in `range`.
  @inline(__always)
  mutating func payload(_ range: Range<Int>) -> Payload {
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: input[range])
    let place = unsafe filler.add(bytes, remaining: input.count - range.lowerBound)
    return Payload(place.chunk, start: place.start, length: range.count, isBinary: unsafe bytes[0] < 4)
  }
}
