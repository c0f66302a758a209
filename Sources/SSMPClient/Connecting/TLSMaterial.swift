// Files of TLS.

import CommandLineTools
import SSMPTransport

/// Reads what a client needs for TLS. Files are read, so it is called on a thread that may wait.
///
/// Clients with the same files share what was made of them, as long as the files stay the same: the system's trust store alone takes
/// a megabyte.
enum TLSMaterial {
  private static let cache = Locked<[TLS: Entry]>([:])
  private static let largestFile = 16 << 20

  private struct Entry {
    let contents: [[UInt8]]
    weak var context: TLSClientContext?
  }

  /// The context for connections with these settings.
  static func context(_ tls: TLS) throws(SSMPError) -> TLSClientContext {
    let paths = [tls.authorities, tls.certificate, tls.key].compactMap { $0 }
    var contents: [[UInt8]] = []
    for path in paths { contents.append(try read(path)) }
    if let known = cache.withLock({ $0[tls].flatMap { $0.contents == contents ? $0.context : nil } }) { return known }
    let context = try make(tls, Dictionary(zip(paths, contents)) { first, _ in first })
    cache.withLock { cache in
      cache = cache.filter { $0.value.context != nil }
      cache[tls] = Entry(contents: contents, context: context)
    }
    return context
  }

  private static func make(_ tls: TLS, _ files: [String: [UInt8]]) throws(SSMPError) -> TLSClientContext {
    var step = "the system's authorities"
    do throws(TLSError) {
      let trust: TLSClientContext.Trust
      switch tls.trust {
      case .anybody: trust = .anybody
      case .system: trust = .system
      case .file(let path):
        step = "'\(path)'"
        trust = .authorities(try Certificate.parse(pem: files[path] ?? []))
      }
      guard let certificate = tls.certificate, let key = tls.key else { return try TLSClientContext(trust) }
      step = "'\(certificate)'"
      let chain = try Certificate.parse(pem: files[certificate] ?? [])
      step = "'\(key)'"
      let privateKey = try PrivateKey(pem: files[key] ?? [])
      step = "the key '\(key)' of '\(certificate)'"
      return try TLSClientContext(trust, chain: chain, key: privateKey)
    } catch {
      throw .untrusted("\(step): \(error)")
    }
  }

  private static func read(_ path: String) throws(SSMPError) -> [UInt8] {
    let content: FileContent
    do throws(FileFault) {
      content = try FileContent(of: path, limit: largestFile)
    } catch {
      throw .untrusted("'\(path)' \(error)")
    }
    guard content.bytes.count <= largestFile else { throw .untrusted("'\(path)' is too large") }
    return content.bytes
  }
}

extension TLS {
  /// The file of authorities.
  fileprivate var authorities: String? {
    if case .file(let path) = trust { path } else { nil }
  }
}
