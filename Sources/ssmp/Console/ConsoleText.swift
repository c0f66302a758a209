// What the console's lines look like.

import CommandLineTools
import Glibc
import SSMPClient

/// Makes lines of events, responses and notes.
struct ConsoleText: Sendable {
  /// What is colored.
  private enum Color: String {
    case faint = "2"
    case name = "36"
    case good = "32"
    case bad = "31"
  }

  private let output: OutputSettings
  /// True if control characters from elsewhere must not get through.
  private let isGuarded: Bool
  private let hasTime: Bool
  private let hasColor: Bool

  /// - Parameters:
  ///   - isTerminal: true if lines are printed on a terminal: they are guarded then, unless the settings say otherwise.
  ///   - isInteractive: true if there is a prompt: lines have a time then.
  init(_ output: OutputSettings, isTerminal: Bool, isInteractive: Bool, hasColor: Bool) {
    self.output = output
    isGuarded = isTerminal && !output.isRaw
    hasTime = isInteractive
    self.hasColor = hasColor
  }

  /// An event, in the form that `-o` or `-F` gives; by default as the server sends it, without `000`.
  func line(_ event: SSMPClient.Event) -> [UInt8] {
    let shown: ([UInt8]) -> [UInt8] = isGuarded ? { Array(EventPrinter.guarded($0).utf8) } : { $0 }
    if let format = output.format { return format.line(event, shown: shown) }
    switch output.form {
    case .json: return Array(EventText.json(event).utf8)
    case .wire: return shown(Array(EventText.wire(event).dropLast()))
    case .text:
      var head = colored("\(event.from)", .name) + " \(event.verb)"
      if let id = event.id { head += " \(id)" }
      if event.hasPresence { head += " PRESENCE" }
      return Array((time + head).utf8) + (event.payload.map { [UInt8(ascii: " ")] + shown($0.bytes) } ?? [])
    }
  }

  /// A response: its code, the name of the code, and what came with it.
  func line(_ response: SSMPClient.Response) -> [UInt8] {
    guard isObject else {
      let text = isGuarded ? response.description.printable : response.description
      return Array((time + colored(text, response.isSuccess ? .good : .bad)).utf8)
    }
    var object = JSONText()
    object.add("time", Timestamp.now().text)
    object.add("code", literal: "\(response.code)")
    if let payload = response.payload { object.add(payload: payload.bytes) }
    return Array(object.text.utf8)
  }

  /// The PONG to a PING, and for a person the time that it took.
  func line(pongAfter nanoseconds: UInt64) -> [UInt8] {
    guard isObject else {
      let pong = hasTime ? "PONG in \(Format.time(nanoseconds: nanoseconds))" : "PONG"
      return Array((time + colored(pong, .good)).utf8)
    }
    var object = JSONText()
    object.add("time", Timestamp.now().text)
    object.add("verb", "PONG")
    return Array(object.text.utf8)
  }

  /// The members of a topic.
  func line(members: [ID], of topic: ID) -> [UInt8] {
    guard isObject else {
      let names = members.isEmpty ? "nobody" : members.map { colored("\($0)", .name) }.joined(separator: ", ")
      return Array("\(time)\(topic): \(names)".utf8)
    }
    var object = JSONText()
    object.add("topic", topic.description)
    object.add("members", literal: JSON.array(members.map { JSON.string($0.description) }))
    return Array(object.text.utf8)
  }

  /// A line of the console's own.
  func line(note text: String, isFault: Bool = false) -> [UInt8] {
    Array((time + colored(text.printable, isFault ? .bad : .faint)).utf8)
  }

  /// True if lines are objects of JSON.
  private var isObject: Bool { output.form == .json && output.format == nil }

  private var time: String { hasTime ? colored(Timestamp.now().timeOfDay, .faint) + " " : "" }

  private func colored(_ text: String, _ color: Color) -> String {
    hasColor ? "\u{1b}[\(color.rawValue)m\(text)\u{1b}[0m" : text
  }
}
