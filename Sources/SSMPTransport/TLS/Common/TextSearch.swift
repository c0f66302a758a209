// Looking for a text in another one.

extension String {
  /// True if `part`, which is not empty, is a part of this text.
  ///
  /// The standard library has the same as `contains`, which belongs to its engine of regular expressions: the first use adds
  /// 1.2 MB to a statically linked program.
  func has(_ part: String) -> Bool {
    let (text, part) = (Array(utf8), Array(part.utf8))
    return text.indices.dropLast(part.count - 1).contains { text[$0..<$0 + part.count].elementsEqual(part) }
  }
}
