// What a server has to do, as simply as can be.

import SSMPCore

/// A model of the server in dictionaries: told what was served in which order, it knows what each connection has to get.
public struct Model {
  /// A response, or the PONG that answers a PING, and what it answered.
  struct Answer {
    let line: String
    var verb = ""
    var topic = ""
    var watches = false
  }

  /// What one connection has to have.
  struct Peer {
    let schemes: SchemeSet
    let proven: [String]
    var isCertified = false
    var name: String?
    var topics: [String: Bool] = [:]
    var answers: [Answer] = []
    var messages: [[UInt8]] = []
    var ended: CloseReason?
    var hungUp = false

    var isOver: Bool { ended != nil || hungUp }
  }

  /// The peers by number, those that are over included.
  private(set) var peers: [Peer] = []
  /// The named ones that are logged in.
  private(set) var names: [String: Int] = [:]
  private var live: Set<Int> = []
  private var stepsTold = 0
  private let secret: [UInt8]?
  private let subscriptionLimit: Int

  /// A model of a world in which nothing has happened yet.
  public init(of world: World) {
    secret = world.secret
    subscriptionLimit = world.registry.limits.subscriptions
  }

  /// Tells the model what has happened in its world since it was last told.
  public mutating func follow(_ world: World) {
    for connection in world.connections[peers.count...] {
      live.insert(peers.count)
      let proven = connection.names?.names.map { String(decoding: $0, as: UTF8.self) } ?? []
      peers.append(Peer(schemes: connection.schemes, proven: proven))
    }
    for step in world.history[stepsTold...] {
      switch step {
      case .left(let number):
        if !peers[number].isOver { peers[number].hungUp = true }
        remove(number)
      case .displaced(let name):
        if let previous = names[text(name)] { end(previous, .displaced, nil) }
      case .served(let number, let lines, let isBroken):
        for line in lines where !peers[number].isOver { serve(line, from: number) }
        if isBroken, !peers[number].isOver { end(number, .badRequest, "400") }
      }
    }
    stepsTold = world.history.count
  }

  /// The members of a topic with their PRESENCE flags.
  func members(of topic: String) -> [String: Bool] {
    var members: [String: Bool] = [:]
    for number in live {
      if let name = peers[number].name, let flag = peers[number].topics[topic] { members[name] = flag }
    }
    return members
  }

  private mutating func remove(_ number: Int) {
    live.remove(number)
    if let name = peers[number].name, names[name] == number { names[name] = nil }
    peers[number].topics = [:]
  }

  private mutating func end(_ number: Int, _ reason: CloseReason, _ line: String?) {
    if let line { answer(number, line) }
    peers[number].ended = reason
    remove(number)
  }

  private mutating func answer(_ number: Int, _ line: String) {
    peers[number].answers.append(Answer(line: line))
  }

  private mutating func serve(_ line: [UInt8], from number: Int) {
    let fields = line.split(separator: 32, maxSplits: 3, omittingEmptySubsequences: false).map(Array.init)
    let verb = text(fields[0])
    let id = fields.count > 1 ? text(fields[1]) : ""
    guard let name = peers[number].name else {
      return verb == "LOGIN" ? login(number, id, fields) : end(number, .loginExpected, "400")
    }
    switch verb {
    case "LOGIN": answer(number, "405")
    case "CLOSE": end(number, .closeRequest, "200")
    case "PING": answer(number, "000 . PONG")
    case "PONG": break
    case "SUBSCRIBE": subscribe(number, id, watches: fields.count > 2)
    case "UNSUBSCRIBE": unsubscribe(number, id)
    case "UCAST":
      forward(line, from: name, to: names[id].map { [$0] } ?? [])
      answer(number, names[id] == nil ? "404" : "200")
    case "MCAST":
      forward(line, from: name, to: live.filter { $0 != number && peers[$0].topics[id] != nil })
      answer(number, "200")
    case "BCAST" where name == ".": answer(number, "405")
    case "BCAST":
      let topics = Set(peers[number].topics.keys)
      forward(line, from: name, to: live.filter { $0 != number && !topics.isDisjoint(with: peers[$0].topics.keys) })
      answer(number, "200")
    default: answer(number, "501")
    }
  }

  private mutating func forward(_ line: [UInt8], from name: String, to recipients: some Sequence<Int>) {
    for recipient in recipients { peers[recipient].messages.append(Array("000 \(name) ".utf8) + line) }
  }

  private mutating func login(_ number: Int, _ name: String, _ fields: [[UInt8]]) {
    let scheme = text(fields[2])
    let credential = fields.count > 3 ? fields[3] : []
    let offered = peers[number].schemes.schemes.map { "\($0.name)" }
    let isProven = peers[number].proven.contains { name == $0 || name.hasPrefix($0 + "/") && name.count > $0.count + 1 }
    let isRight = scheme == "open" || scheme == "secret" && credential == secret || scheme == "cert" && isProven
    let isBarred = names[name].map { peers[$0].isCertified } ?? false && scheme != "cert"
    guard offered.contains(scheme), isRight, !isBarred else {
      return end(number, .unauthorized, (["401"] + offered).joined(separator: " "))
    }
    peers[number].isCertified = scheme == "cert"
    if let previous = names[name] { end(previous, .displaced, nil) }
    peers[number].name = name
    if name != "." { names[name] = number }
    answer(number, "200")
  }

  private mutating func subscribe(_ number: Int, _ topic: String, watches: Bool) {
    if peers[number].name == "." { return answer(number, "405") }
    if peers[number].topics[topic] != nil { return answer(number, "409") }
    if peers[number].topics.count >= subscriptionLimit { return answer(number, "405") }
    peers[number].topics[topic] = watches
    peers[number].answers.append(Answer(line: "200", verb: "SUBSCRIBE", topic: topic, watches: watches))
  }

  private mutating func unsubscribe(_ number: Int, _ topic: String) {
    if peers[number].name == "." { return answer(number, "405") }
    guard peers[number].topics.removeValue(forKey: topic) != nil else { return answer(number, "404") }
    peers[number].answers.append(Answer(line: "200", verb: "UNSUBSCRIBE", topic: topic))
  }
}
