// The identities and topics of one group of clients.

/// What an identity can do.
enum IdentityKind {
  /// It logs in by `open`.
  case open
  /// It logs in by `cert`, below the name in the group's certificate; a login by `open` must not displace it.
  case certificate
  /// It logs in by `open`, and reloads take that right away and give it back.
  case revocable
}

/// The names of one group. Groups share the server and nothing else, so each can be judged by itself.
///
/// Every name ends in its number, so that it is found without a table.
struct Names {
  let identities: [[UInt8]]
  let kinds: [IdentityKind]
  let topics: [[UInt8]]
  /// The last topic is one that the access rules allow to nobody.
  var forbiddenTopic: Int { topics.count - 1 }
  /// What the name in the group's certificate is.
  let certificateName: String

  /// Names for the group with this number.
  init(group: Int, open: Int, certificate: Int, revocable: Int, topics: Int) {
    certificateName = "g\(group)/device"
    var identities: [String] = []
    var kinds: [IdentityKind] = []
    func add(_ count: Int, _ kind: IdentityKind, _ prefix: String) {
      for _ in 0..<count {
        identities.append("\(prefix)\(identities.count)")
        kinds.append(kind)
      }
    }
    add(open, .open, "g\(group)/client-")
    add(certificate, .certificate, "g\(group)/device/")
    add(revocable, .revocable, "revocable/g\(group)-")
    self.identities = identities.map { Array($0.utf8) }
    self.kinds = kinds
    let allowed = (0..<topics - 1).map { "shared/g\(group)-\($0)" }
    self.topics = (allowed + ["forbidden/g\(group)-\(topics - 1)"]).map { Array($0.utf8) }
  }

  /// The name of the anonymous identity.
  static let anonymous = Array(".".utf8)

  /// The number of the identity with this name; `nil` when there is none.
  func identity(_ name: some RandomAccessCollection<UInt8>) -> Int? { Self.find(name, in: identities) }

  /// The number of the topic with this name; `nil` when there is none.
  func topic(_ name: some RandomAccessCollection<UInt8>) -> Int? { Self.find(name, in: topics) }

  private static func find(_ name: some RandomAccessCollection<UInt8>, in list: [[UInt8]]) -> Int? {
    var number = 0
    var scale = 1
    for byte in name.reversed() {
      guard byte >= 48, byte <= 57, scale < 1_000_000 else { break }
      number += Int(byte - 48) * scale
      scale *= 10
    }
    guard scale > 1, number < list.count, list[number].elementsEqual(name) else { return nil }
    return number
  }

  /// The name of an identity, as reports show it.
  func text(identity: Int?) -> String { identity.map { String(decoding: identities[$0], as: UTF8.self) } ?? "." }
  /// The name of a topic, as reports show it.
  func text(topic: Int) -> String { String(decoding: topics[topic], as: UTF8.self) }
}
