// Answers of the admin socket as JSON.

/// Makes objects of lines of keys and values.
enum AdminJSON {
  /// Values that are chosen elsewhere, and stay strings whatever they look like.
  private static let texts: Set<String> = [
    "id", "topic", "conn", "peer", "version", "tls-version", "payload", "line", "reason", "command", "verb",
  ]

  /// The answer to a command as one object: the keys of its lines and of the last line, and an array with the lines of the
  /// listing. Lines of another command whose keys repeat are an array, too.
  static func text(_ answer: AdminAnswer, _ verb: AdminVerb) -> String {
    var object = JSONText()
    var items = answer.lines.filter { verb.isItem($0) }
    var others = answer.lines.filter { !verb.isItem($0) }
    let keys = others.flatMap { $0.fields.map(\.key) }
    if Set(keys).count < keys.count { (items, others) = (answer.lines, []) }
    for line in others { add(line, to: &object) }
    if verb.itemKey != nil || !items.isEmpty {
      object.add(verb.itemsName, literal: "[\(items.map { text($0) }.joined(separator: ","))]")
    }
    add(answer.summary, to: &object)
    return object.text
  }

  /// A line as an object.
  static func text(_ line: AdminLine) -> String {
    var object = JSONText()
    add(line, to: &object)
    return object.text
  }

  private static func add(_ line: AdminLine, to object: inout JSONText) {
    for field in line.fields {
      if let word = literal(field) {
        object.add(field.key, literal: word)
      } else if let text = String(validating: field.value, as: UTF8.self) {
        object.add(field.key, text)
      } else {
        object.add("\(field.key)-base64", Base64.encode(field.value))
      }
    }
  }

  /// A value that is a number or a truth value.
  private static func literal(_ field: AdminLine.Field) -> String? {
    guard !field.isQuoted, !texts.contains(field.key) else { return nil }
    let word = String(decoding: field.value, as: UTF8.self)
    return word == "true" || word == "false" || isNumber(word) ? word : nil
  }

  /// A number as JSON writes it: digits, without zeros in front, and decimals.
  private static func isNumber(_ word: String) -> Bool {
    let parts = word.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard word.utf8.count <= 20,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { return false }
    return parts[0] == "0" || !parts[0].hasPrefix("0")
  }
}
