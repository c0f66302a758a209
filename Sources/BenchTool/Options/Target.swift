// Where the server is.

import CommandLineTools
import SSMPTransport

/// The server's address, and whether TLS is spoken there.
struct Target: Equatable, Sendable {
  let address: SocketAddress
  let usesTLS: Bool
  /// As it was written.
  let text: String

  /// Reads `[tls://]HOST:PORT`, `tcp://HOST:PORT` or `unix:PATH`. A host is an address, or `localhost`.
  init(_ text: String) throws(OptionError) {
    self.text = text
    if text.hasPrefix("unix:"), text.count > 5 {
      address = .unix(String(text.dropFirst(5)))
      usesTLS = false
      return
    }
    let isPlain = text.hasPrefix("tcp://")
    var rest = isPlain || text.hasPrefix("tls://") ? String(text.dropFirst(6)) : text
    if rest.hasPrefix("localhost:") { rest = "127.0.0.1:" + rest.dropFirst(10) }
    guard !rest.hasPrefix("*"), let address = SocketAddress(internet: rest) else {
      throw OptionError(operand: "server", value: text, accepted: "tls://ADDRESS:PORT, tcp://ADDRESS:PORT or unix:PATH")
    }
    self.address = address
    usesTLS = !isPlain
  }

  /// The local address to connect from: the kernel's choice with one source, else one of 127.0.0.2, 127.0.0.3, …
  static func source(_ number: Int, of sources: Int) -> SocketAddress? {
    guard sources > 1 else { return nil }
    let last = number % sources + 1
    return SocketAddress(internet: "127.0.\(last / 250).\(last % 250 + 1):0")
  }
}
