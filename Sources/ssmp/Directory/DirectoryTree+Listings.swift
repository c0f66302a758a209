// `state`, `members` and `presence`.

import SSMPClient
import SSMPTransport

extension DirectoryTree {
  /// A client has joined or left a topic.
  func changed(_ id: ID, in place: Place) {
    if let entry = entries[place] { update(entry) }
    if let entry = entries[.peer(id)] { update(entry) }
  }

  /// The members of all topics are unknown.
  func allChanged() {
    for entry in entries.values { update(entry) }
  }

  /// Notes that a listing is out of date.
  func update(_ entry: DirectoryEntry) {
    guard entry.isListed else { return }
    outdated.insert(entry.place)
    listings.yield()
  }

  /// Writes the listings that are out of date; false if not all could be written.
  func flush(_ client: SSMPClient) -> Bool {
    var isDone = flushState()
    let places = outdated
    outdated = []
    let rosters = topics.map { (topic: $0, roster: client.roster(of: $0)) }
    for place in places {
      guard let entry = entries[place] else { continue }
      let names: [ID]
      switch place {
      case .topic(let id): names = rosters.first { $0.topic == id }.map { Array($0.roster.keys) } ?? []
      case .peer(let id): names = rosters.filter { $0.roster[id] != nil }.map(\.topic)
      case .broadcast: continue
      }
      do throws(SystemError) {
        try entry.listing.write(Array(names.sorted().map { "\($0)\n" }.joined().utf8))
      } catch {
        // A directory that is being removed has no listing; what the system says of it comes later.
        if FileSystem.isDirectory(entry.folder) {
          outdated.insert(place)
          isDone = false
        }
      }
    }
    return isDone
  }

  /// Says in `state` whether the client is connected: a word, and sometimes more behind it.
  func note(_ state: SSMPClient.State) {
    switch state {
    case .connecting: flushState("connecting")
    case .online: flushState("online")
    case .offline(let error, _): flushState("offline \(error)")
    case .contested: flushState("contested another client uses the same identifier")
    case .closed: break
    }
  }

  /// Writes `state`; false if it cannot be written.
  @discardableResult
  func flushState(_ text: String? = nil) -> Bool {
    if let text { stateText = text }
    do throws(SystemError) {
      try state.write(Array("\(stateText)\n".utf8))
      return true
    } catch {
      listings.yield()
      return false
    }
  }
}
