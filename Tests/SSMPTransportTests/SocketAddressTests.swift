// Addresses, as written and as printed.

import Glibc
import Testing

@testable import SSMPTransport

@Suite("Socket address")
struct SocketAddressTests {
  @Test(
    "An address and a port are read, and printed in the usual form",
    arguments: [
      ("127.0.0.1:8787", "127.0.0.1:8787"), ("0.0.0.0:0", "0.0.0.0:0"), ("255.255.255.255:65535", nil),
      ("[::1]:8787", nil), ("[::]:0", nil), ("*:8787", "[::]:8787"), ("[2001:DB8:0:0:0:0:0:1]:1", "[2001:db8::1]:1"),
      ("[::ffff:10.0.0.1]:1", nil), ("10.0.0.1:007", "10.0.0.1:7"),
    ])
  func reads(text: String, printed: String?) throws {
    let address = try #require(SocketAddress(internet: text))
    #expect(address.description == printed ?? text)
    #expect(SocketAddress(internet: address.description) == address)
  }

  @Test(
    "What is no address with a port is none: names, missing parts, signs, other digits",
    arguments: [
      "", ":", ":1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1",
      "127.0.0.1:٣", "localhost:1", "1.2.3:1", "1.2.3.4.5:1", "256.0.0.1:1", "::1:1", "[::1]", "[::1]:", "[::1:1",
      "::1]:1", "[]:1", "[127.0.0.1]:1", "[::1%lo]:1", "**:1", "127.0.0.1:1:1",
    ])
  func refuses(text: String) {
    #expect(SocketAddress(internet: text) == nil)
  }

  @Test("A link-local address has the interface that it is reached by, as a name or as its index")
  func scopes() throws {
    let loopback = if_nametoindex("lo")
    try #require(loopback != 0)
    for text in ["[fe80::1%lo]:8787", "[fe80::1%\(loopback)]:8787"] {
      let address = try #require(SocketAddress(internet: text))
      #expect(address == .ipv6(.init(high: 0xfe80 << 48, low: 1), port: 8787, scope: loopback))
      #expect(address.description == "[fe80::1%lo]:8787")
      #expect(!address.needsInterface && !address.isLocal)
      let scope = address.withSockaddr { pointer, _ in
        pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee.sin6_scope_id }
      }
      #expect(scope == loopback)
    }
    #expect(SocketAddress(internet: "[fe80::1]:1")?.needsInterface == true)
    #expect(SocketAddress(internet: "[2001:db8::1]:1")?.needsInterface == false)
    for text in [
      "[fe80::1%nosuch]:1", "[fe80::1%]:1", "[fe80::1%0]:1", "[fe80::1%999999]:1", "[::1%lo]:1", "127.0.0.1%lo:1",
    ] {
      #expect(SocketAddress(internet: text) == nil, "\(text)")
    }
  }

  @Test("Loopback addresses and unix sockets are local, and others are not")
  func isLocal() throws {
    for text in ["127.0.0.1:1", "127.255.0.9:1", "[::1]:1"] {
      #expect(try #require(SocketAddress(internet: text)).isLocal, "\(text)")
    }
    #expect(SocketAddress.unix("/run/socket").isLocal)
    for text in ["0.0.0.0:1", "128.0.0.1:1", "10.0.0.127:1", "[::]:1", "*:1", "[::2]:1", "[fe80::1]:1"] {
      #expect(try !#require(SocketAddress(internet: text)).isLocal, "\(text)")
    }
  }

  @Test("A path of a unix socket is printed as it is, and 107 bytes of it fit")
  func unix() {
    #expect(SocketAddress.unix("/run/socket").description == "/run/socket")
    #expect(SocketAddress.longestPath == 107)
  }

  @Test("An address has the form that the kernel wants: network byte order")
  func kernelForm() throws {
    let bytes = try #require(SocketAddress(internet: "1.2.3.4:258")).withSockaddr { address, length in
      Array(UnsafeRawBufferPointer(start: address, count: Int(length)))
    }
    #expect(bytes.count == 16)
    #expect(Array(bytes[2..<8]) == [1, 2, 1, 2, 3, 4])
    let six = try #require(SocketAddress(internet: "[102:304::f]:258")).withSockaddr { address, length in
      Array(UnsafeRawBufferPointer(start: address, count: Int(length)))
    }
    #expect(six.count == 28)
    #expect(Array(six[2..<4]) == [1, 2])
    #expect(Array(six[8..<24]) == [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15])
  }
}
