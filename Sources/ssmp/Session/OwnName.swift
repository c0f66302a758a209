// The identifier of a command that is given none.

import CommandLineTools
import SSMPClient
import SSMPTransport

/// Identifiers that nobody else has: a command never displaces a service, or another command.
enum OwnName {
  private static let largestFile = 1 << 20

  /// `ssmp-` and random letters.
  static func random() throws -> ID {
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
    return try ID("ssmp-" + String((0..<10).map { _ in letters.randomElement() ?? "x" }))
  }

  /// A name below the one that a certificate proves: `NAME/ssmp-RANDOM`.
  static func under(_ path: String) throws -> ID {
    let content: FileContent
    do throws(FileFault) {
      content = try FileContent(of: path, limit: largestFile)
    } catch {
      throw OptionError(setting: "cert", "'\(path.printable)' \(error)")
    }
    let certificates: [Certificate]
    do throws(TLSError) {
      certificates = try Certificate.parse(pem: content.bytes)
    } catch {
      throw OptionError(setting: "cert", "'\(path.printable)': \(error)")
    }
    let random = try random()
    for bytes in certificates[0].names.common + certificates[0].names.alternative {
      if let id = try? ID("\(String(decoding: bytes, as: UTF8.self))/\(random)") { return id }
    }
    throw OptionError(
      setting: "cert", "no name in '\(path.printable)' can stand in an identifier; give \(setting: "id")")
  }
}
