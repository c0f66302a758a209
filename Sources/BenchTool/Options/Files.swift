// The files that options name.

import CommandLineTools
import SSMPCore
import SSMPTransport

/// What is read before a run.
struct Files: Sendable {
  /// The most bytes of one file.
  private static let limit = 1 << 20

  /// The shared secret, where there is one.
  var secret: [UInt8] = []
  /// What TLS needs, where it is spoken.
  var tls: TLSClientContext?

  init(_ options: BenchOptions) throws {
    if let path = options.secretFile {
      // The same bytes that ssmpd reads from it.
      secret = Array(try Self.read(path, "secret-file").line)
      guard (1...Bounds.payload).contains(secret.count), !secret.contains(10) else {
        throw OptionError(setting: "secret-file", "'\(path.printable)' holds no line of 1 to \(Bounds.payload) bytes")
      }
    }
    guard options.target?.usesTLS == true else { return }
    let authorities = try options.authoritiesFile.map { try Self.parse($0, "cacert", Certificate.parse(pem:)) } ?? []
    let chain = try options.certificateFile.map { try Self.parse($0, "cert", Certificate.parse(pem:)) } ?? []
    let key = try options.keyFile.map { try Self.parse($0, "key", PrivateKey.init(pem:)) }
    do throws(TLSError) {
      tls = try TLSClientContext(authorities: authorities, chain: chain, key: key)
    } catch {
      throw OptionError(setting: "cert", "\(error)")
    }
  }

  private static func parse<Value>(
    _ path: String, _ setting: String, _ parse: ([UInt8]) throws(TLSError) -> Value
  ) throws -> Value {
    let bytes = try read(path, setting).bytes
    do throws(TLSError) {
      return try parse(bytes)
    } catch {
      throw OptionError(setting: setting, "'\(path.printable)' \(error)")
    }
  }

  private static func read(_ path: String, _ setting: String) throws(OptionError) -> FileContent {
    let content: FileContent
    do throws(FileFault) {
      content = try FileContent(of: path, limit: limit)
    } catch {
      throw OptionError(setting: setting, "'\(path.printable)' \(error)")
    }
    guard content.bytes.count <= limit else {
      throw OptionError(setting: setting, "'\(path.printable)' is larger than \(Units.describe(bytes: limit))")
    }
    return content
  }
}
