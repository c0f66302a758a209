// The files that options name.

import Glibc
import SSMPCore
import SSMPTransport

/// What is read before a run.
struct Files: Sendable {
  /// The shared secret, where there is one.
  var secret: [UInt8] = []
  /// What TLS needs, where it is spoken.
  var tls: TLSClientContext?

  init(_ options: BenchOptions) throws {
    if let path = options.secretFile {
      secret = try Self.read(path, "--secret-file")
      // Without its last line end, as ssmpd reads it.
      if secret.last == 10 {
        secret.removeLast()
        if secret.last == 13 { secret.removeLast() }
      }
      guard (1...Bounds.payload).contains(secret.count), !secret.contains(10) else {
        throw OptionError("--secret-file: '\(path.printable)' holds no line of 1 to \(Bounds.payload) bytes")
      }
    }
    guard options.target?.usesTLS == true else { return }
    let authorities = try options.authoritiesFile.map { try Self.parse($0, "--cacert", Certificate.parse(pem:)) } ?? []
    let chain = try options.certificateFile.map { try Self.parse($0, "--cert", Certificate.parse(pem:)) } ?? []
    let key = try options.keyFile.map { try Self.parse($0, "--key", PrivateKey.init(pem:)) }
    do throws(TLSError) {
      tls = try TLSClientContext(authorities: authorities, chain: chain, key: key)
    } catch {
      throw OptionError("--cert: \(error)")
    }
  }

  private static func parse<Value>(
    _ path: String, _ setting: String, _ parse: ([UInt8]) throws(TLSError) -> Value
  ) throws -> Value {
    let bytes = try read(path, setting)
    do throws(TLSError) {
      return try parse(bytes)
    } catch {
      throw OptionError("\(setting): '\(path.printable)' \(error)")
    }
  }

  private static func read(_ path: String, _ setting: String) throws(OptionError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor != -1 else { throw unreadable(path, setting) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= 1 << 20 {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { throw unreadable(path, setting) }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
    throw OptionError("\(setting): '\(path.printable)' is larger than 1 MiB")
  }

  private static func unreadable(_ path: String, _ setting: String) -> OptionError {
    OptionError("\(setting): '\(path.printable)' cannot be read: \(String(cString: strerror(errno)))")
  }
}
