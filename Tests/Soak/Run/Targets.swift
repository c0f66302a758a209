// Where clients connect.

import SSMPTransport

/// The listeners of the server under test, and what clients of one group show there.
struct Targets: Sendable {
  let plain: SocketAddress
  let tls: SocketAddress
  let unix: SocketAddress
  /// With the group's certificate, and without one.
  let proven: TLSClientContext
  let unproven: TLSClientContext
}
