// Where a connection comes from.

import Glibc
import Testing

@testable import SSMPTransport

@Suite("Peer address")
struct PeerAddressTests {
  private func ipv6(_ text: String) throws -> PeerAddress {
    guard case .ipv6(let address, _, _) = try #require(SocketAddress(internet: "[\(text)]:1")) else {
      throw SystemError("no IPv6 address", code: 0)
    }
    return .ipv6(address)
  }

  @Test("Limits count an IPv6 /64 as one, and an IPv4 address by itself")
  func limitKey() throws {
    #expect(try ipv6("2001:db8:0:1::1").limitKey == ipv6("2001:db8:0:1:ffff::2").limitKey)
    #expect(try ipv6("2001:db8:0:1::1").limitKey != ipv6("2001:db8:0:2::1").limitKey)
    #expect(PeerAddress.ipv4(1).limitKey == .ipv4(1))
    #expect(PeerAddress.ipv4(1).limitKey != PeerAddress.ipv4(1 << 24).limitKey)
    #expect(PeerAddress.local.limitKey == .local)
  }

  @Test("Peers are printed as logs show them")
  func descriptions() throws {
    #expect(try ipv6("2001:db8::1").description == "[2001:db8::1]")
    #expect(PeerAddress.ipv4(UInt32(0x0102_0304).bigEndian).description == "1.2.3.4")
    #expect(PeerAddress.local.description == "unix")
  }

  @Test("An IPv4 peer of an IPv6 socket is an IPv4 peer")
  func mapped() throws {
    let mapped = try #require(SocketAddress(internet: "[::ffff:1.2.3.4]:258"))
    var storage = sockaddr_storage()
    mapped.withSockaddr { address, length in
      withUnsafeMutableBytes(of: &storage) {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
      }
    }
    let (peer, port) = PeerAddress.read(storage)
    #expect(peer == .ipv4(UInt32(0x0102_0304).bigEndian))
    #expect(port == 258)
  }
}
