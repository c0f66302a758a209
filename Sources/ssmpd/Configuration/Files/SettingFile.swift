// Reading of files that settings name.

import CommandLineTools

/// A file that a setting names, read as a whole.
enum SettingFile {
  /// Reads a file.
  ///
  /// - Parameters:
  ///   - setting: the option that names it, for messages.
  ///   - limit: the most bytes it may have.
  static func read(
    _ path: String, of setting: String, limit: Int, _ reading: inout FileReading
  ) throws(ConfigurationError) -> FileContent {
    let content: FileContent
    do throws(FileFault) {
      content = try FileContent(of: path, limit: limit, waits: reading.mayWait)
    } catch {
      throw fault(setting, path, "\(error)")
    }
    if content.isRegular, content.bytes.count <= limit { try refuseHalf(content, setting, path, &reading) }
    return content
  }

  /// Refuses a file that somebody is writing, or has not written to its end: what is cut off opens what it should close
  /// (`status/` of `status/%i/`), and all that can be seen of it is that the last line does not end.
  private static func refuseHalf(
    _ content: FileContent, _ setting: String, _ path: String, _ reading: inout FileReading
  ) throws(ConfigurationError) {
    guard content.isUnchanged || reading.occasion == .start else {
      throw fault(setting, path, "is being written; try again")
    }
    guard let last = content.bytes.last, last != UInt8(ascii: "\n") else { return }
    reading.noteHalf(
      fault(
        setting, path,
        "does not end its last line, so a part may be missing; end it with a line feed, and replace files by renaming"))
  }

  /// What is wrong with a file.
  static func fault(_ setting: String, _ path: String, _ what: String) -> ConfigurationError {
    ConfigurationError(setting: setting, "'\(path.printable)' \(what)")
  }
}
