// A connection that another program has made.

import Glibc
import SSMPClient
import SSMPTransport

/// A server at the other end of two descriptors, as UCSPI programs hand them on: `s6-tlsclient`, for example, reads and writes TLS
/// between them and the network.
final class DescriptorServer: MemoryServer {
  private let descriptors: Settings.Descriptors

  init(_ descriptors: Settings.Descriptors) {
    self.descriptors = descriptors
  }

  func connect(_ receive: @escaping @Sendable ([UInt8]?) -> Void) -> any MemoryConnection {
    DescriptorConnection(descriptors, receive)
  }
}

/// Two threads: one reads, one writes, and both may wait.
private final class DescriptorConnection: MemoryConnection {
  private struct Outgoing {
    var bytes: [UInt8] = []
    var isClosed = false
  }

  private let outgoing = Monitor(Outgoing())

  init(_ descriptors: Settings.Descriptors, _ receive: @escaping @Sendable ([UInt8]?) -> Void) {
    do throws(SystemError) {
      try Thread(named: "input") { Self.read(descriptors.input, receive) }.detach()
      try Thread(named: "output") { [self] in write(descriptors.output, receive) }.detach()
    } catch {
      receive(nil)
    }
  }

  func send(_ bytes: [UInt8]) { outgoing.withLock { $0.bytes += bytes } }

  func close() { outgoing.withLock { $0.isClosed = true } }

  private static func read(_ descriptor: Int32, _ receive: ([UInt8]?) -> Void) {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return receive(nil) }
      receive(Array(buffer[..<count]))
    }
  }

  private func write(_ descriptor: Int32, _ receive: ([UInt8]?) -> Void) {
    while let bytes = next() {
      do throws(SystemError) {
        try FileSystem.write(bytes, to: descriptor)
      } catch {
        return receive(nil)
      }
    }
    Glibc.close(descriptor)
  }

  /// What there is to write; `nil` when all is written and the connection is closed.
  private func next() -> [UInt8]? {
    outgoing.wait { outgoing -> [UInt8]?? in
      if !outgoing.bytes.isEmpty {
        defer { outgoing.bytes = [] }
        return .some(outgoing.bytes)
      }
      return outgoing.isClosed ? .some(nil) : nil
    } ?? nil
  }
}
