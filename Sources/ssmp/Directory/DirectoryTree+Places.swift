// The directories of peers and topics.

import CommandLineTools
import Glibc
import SSMPClient
import SSMPTransport

extension DirectoryTree {
  /// The topics to be subscribed to.
  var topics: Set<ID> {
    Set(
      entries.values.compactMap { entry in
        guard case .topic(let id) = entry.place, !entry.isRefused else { return nil }
        return id
      })
  }

  /// Makes the directories again that a user has removed.
  func renew() {
    for name in Place.kinds.map(\.name) + ["broadcast"] where !FileSystem.isDirectory("\(root)/\(name)") {
      do throws(SystemError) {
        try FileSystem.makeDirectory("\(root)/\(name)")
        report(nil, "'\(name)' was removed, and is made again")
      } catch {
        lost(error, name)
      }
    }
    if let entry = entries[.broadcast], entry.input?.isCurrent != true {
      forget(entry)
      adopt(.broadcast, isNew: false)
    }
  }

  /// Looks at all names in `peer` or `topic`.
  func scan(_ name: String, _ place: (ID) -> Place, isNew: Bool = true) {
    let known = entries.values.filter { $0.place.path.hasPrefix("\(name)/") }
    for entry in known where !FileSystem.isDirectory(entry.folder) { forget(entry) }
    for file in FileSystem.names(in: "\(root)/\(name)") { look(at: file, in: name, place, isNew: isNew) }
  }

  /// A name has appeared or disappeared: takes the directory over, or forgets it.
  func look(at file: String, in folder: String, _ place: (ID) -> Place, isNew: Bool = true) {
    guard let id = PathName.decode(file) else {
      if !file.hasPrefix("."), FileSystem.exists("\(root)/\(folder)/\(file)") {
        report(nil, "'\(folder)/\(LogLine.escaped(Array(file.utf8)))' is no identifier, as it is written in names")
      }
      return
    }
    let place = place(id)
    let known = entries[place]
    guard FileSystem.isDirectory("\(root)/\(place.path)") else {
      if let known { forget(known) }
      if FileSystem.exists("\(root)/\(place.path)") { report(nil, "'\(place.path)' is no directory") }
      return
    }
    if let known {
      // The messages of removed directories make new ones: what is told of may be older than this one.
      guard known.input?.isCurrent != true else { return }
      forget(known)
    }
    adopt(place, isNew: isNew)
  }

  /// Takes over a directory, and makes what it lacks.
  @discardableResult
  func adopt(_ place: Place, isNew: Bool) -> DirectoryEntry {
    if let known = entries[place] { return known }
    lastNumber += 1
    let entry = DirectoryEntry(place, number: lastNumber, root: root, limit: settings.outSize)
    entries[place] = entry
    numbers[entry.number] = entry
    if case .peer = place {
      peerCount += 1
      update(entry)
    }
    do throws(SystemError) {
      try entry.out.touch()
    } catch {
      lost(error, entry.out.path)
    }
    openInput(of: entry)
    if isNew { announce(place) }
    if case .topic = place { occasions.yield(.topics) }
    return entry
  }

  private func announce(_ place: Place) {
    do throws(SystemError) {
      try new.append(Array("\(place.path)\n".utf8))
    } catch {
      lost(error, new.path)
    }
  }

  /// Makes the directory of a peer that has sent a message; `nil` if there must not be another one.
  func makePeer(_ id: ID) -> DirectoryEntry? {
    guard peerCount < settings.peers, inputCount < inputLimit else { return nil }
    do throws(SystemError) {
      try FileSystem.makeDirectory("\(root)/\(Place.peer(id).path)")
    } catch {
      lost(error, Place.peer(id).path)
      return nil
    }
    return adopt(.peer(id), isNew: true)
  }

  /// Opens the `in` of a directory, unless it is open.
  func openInput(of entry: DirectoryEntry) {
    guard entry.input == nil else { return }
    var finding = InputFIFO.Finding.usual
    do throws(SystemError) {
      guard inputCount < inputLimit else { throw SystemError("open", code: EMFILE) }
      let input = try InputFIFO("\(entry.folder)/in", &finding)
      entry.input = input
      entry.inputFault = nil
      inputCount += 1
      try watch.add(input, number: entry.number)
    } catch {
      if entry.inputFault != error.code { report(entry.place, "'in' cannot be used: \(error.reason)") }
      entry.inputFault = error.code
    }
    if finding == .file {
      report(entry.place, "'in' was a file and no FIFO: it is 'in.unsent' now, and was not sent")
    }
  }

  /// Forgets a directory that is gone.
  func forget(_ entry: DirectoryEntry) {
    if let input = entry.input {
      watch.remove(input)
      input.end()
      inputCount -= 1
    }
    entries[entry.place] = nil
    numbers[entry.number] = nil
    outdated.remove(entry.place)
    switch entry.place {
    case .peer: peerCount -= 1
    case .topic: occasions.yield(.topics)
    case .broadcast: break
    }
  }

  // MARK: Subscriptions

  /// The server has accepted a subscription.
  ///
  /// - Parameter hasMembers: true if it tells of the members.
  func subscribed(_ topic: ID, hasMembers: Bool) {
    guard let entry = entries[.topic(topic)] else { return }
    entry.isListed = hasMembers
    update(entry)
    if !hasMembers { append(LogLine.notice("the server does not tell of the members"), to: entry) }
  }

  /// The server does not let this client into a topic. Another directory of that name is another attempt.
  func refused(_ topic: ID, _ error: SSMPError) {
    guard let entry = entries[.topic(topic)] else { return }
    entry.isRefused = true
    report(entry.place, "not subscribed: \(error)")
  }
}
