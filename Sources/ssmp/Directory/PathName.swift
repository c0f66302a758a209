// Identifiers as names of directories and files.

import SSMPClient

/// The name that an identifier has in the file system.
///
/// `/` is written `%2F`. At the beginning of a name, each `.` is written `%2E` and a `-` is written
/// `%2D`: no name is `.` or `..`, hidden, or an option of a program. `%` is no character of an
/// identifier, so two identifiers never have the same name.
enum PathName {
  private static let codes: [UInt8: String] = [
    UInt8(ascii: "/"): "%2F", UInt8(ascii: "."): "%2E", UInt8(ascii: "-"): "%2D",
  ]

  /// The name of an identifier: at most 192 bytes, none of them a `/`.
  static func encode(_ id: ID) -> String {
    var name = ""
    var isLeading = true
    for byte in id.description.utf8 {
      let isCoded =
        byte == UInt8(ascii: "/") || isLeading && byte == UInt8(ascii: ".")
        || name.isEmpty && byte == UInt8(ascii: "-")
      name += isCoded ? codes[byte] ?? "" : String(UnicodeScalar(byte))
      isLeading = isLeading && byte == UInt8(ascii: ".")
    }
    return name
  }

  /// The identifier that has this name; `nil` if there is none.
  static func decode(_ name: String) -> ID? {
    var text = ""
    var rest = name[...]
    while let character = rest.first {
      guard character == "%" else {
        text.append(character)
        rest.removeFirst()
        continue
      }
      guard let code = codes.first(where: { rest.hasPrefix($0.value) }) else { return nil }
      text.unicodeScalars.append(UnicodeScalar(code.key))
      rest.removeFirst(code.value.count)
    }
    // Each identifier has one name: `%2Ea` is one, and `a%2E` is not.
    guard let id = try? ID(text), encode(id) == name else { return nil }
    return id
  }
}
