// Where a secret comes from.

import CommandLineTools
import Glibc
import SSMPClient

/// Secrets are read from files or from standard input, never from arguments, which every user of the machine can see.
enum SecretInput {
  private static let longest = 4096

  /// The credential in a file; `-` is the first line of standard input.
  static func credential(_ file: String) throws -> SSMPClient.Credential {
    guard file == "-" else { return .file(file) }
    let line = try firstLine()
    return .provided { line }
  }

  /// Reads byte by byte, since what follows the line is for the command.
  private static func firstLine() throws -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < longest {
      let count = unsafe read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count > 0, byte != UInt8(ascii: "\n") else { break }
      bytes.append(byte)
    }
    guard !bytes.isEmpty, let line = String(validating: bytes, as: UTF8.self) else {
      throw OptionError(
        setting: "secret-file", value: "-", accepted: "a secret on standard input, in a line of its own")
    }
    return line
  }
}
