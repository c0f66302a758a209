// Where a command's messages come from.

import CommandLineTools
import Glibc
import SSMPClient

/// The messages of a command, in portions: an argument, a file, or what comes on standard input.
struct MessageSource: Sendable {
  /// The most messages of a portion.
  static let portion = 512

  private var waiting: [InputMessage] = []
  private var input: (thread: InputThread, splitter: any InputSplitter)?

  /// The messages that the settings and the argument, if there is one, ask for.
  init(_ settings: InputSettings, text: String?) throws {
    guard text == nil || settings.file == nil else {
      throw OptionError("a text and \(setting: "file") cannot be given together; leave one out")
    }
    if let text {
      waiting = [InputMessage(number: 1, payload: Self.payload(Array(text.utf8)))]
    } else if let file = settings.file {
      waiting = [InputMessage(number: 1, payload: Self.payload(try Self.content(file)))]
    } else {
      input = (InputThread(STDIN_FILENO), Self.splitter(settings.form))
    }
  }

  /// The next messages, at least one; `nil` at the end, and when the task is cancelled.
  mutating func next() async -> [InputMessage]? {
    while waiting.isEmpty {
      guard var input else { return nil }
      if let bytes = await input.thread.next() {
        input.splitter.take(bytes, into: &waiting)
        self.input = input
      } else {
        self.input = nil
        if !Task.isCancelled { input.splitter.finish(into: &waiting) }
      }
    }
    let portion = Array(waiting.prefix(Self.portion))
    waiting.removeFirst(portion.count)
    return portion
  }

  private static func splitter(_ form: InputSettings.Form) -> any InputSplitter {
    switch form {
    case .lines: LineSplitter(end: UInt8(ascii: "\n"))
    case .zeros: LineSplitter(end: 0)
    case .whole: WholeSplitter()
    case .wire: WireSplitter()
    case .json: JSONInput.splitter()
    }
  }

  private static func payload(_ bytes: [UInt8]) -> Result<Payload, SSMPError> {
    do throws(SSMPError) {
      return .success(try Payload(bytes))
    } catch {
      return .failure(error)
    }
  }

  private static func content(_ path: String) throws -> [UInt8] {
    do throws(FileFault) {
      return try FileContent(of: path, limit: Payload.longest).bytes
    } catch {
      throw OptionError(setting: "file", "'\(path.printable)' \(error)")
    }
  }
}
