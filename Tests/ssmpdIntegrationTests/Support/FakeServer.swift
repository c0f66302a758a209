// A server that speaks just enough SSMP to break its promises.

import Foundation

/// A server for two clients of `ssmp-bench unicast`, which does something wrong with the tenth message.
final class FakeServer: @unchecked Sendable {
  enum Fault: String, CaseIterable { case none, loses, doubles, swaps, refuses }

  let port: UInt16
  private let listener: Int32
  private let fault: Fault

  init(_ fault: Fault) throws {
    self.fault = fault
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) | listen(descriptor, 8) | getsockname(descriptor, $0, &length)
      }
    }
    guard result == 0 else { throw TestFailure("the fake server cannot listen: \(errno)") }
    listener = descriptor
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { self.serve() }
  }

  deinit {
    close(listener)
  }

  private func serve() {
    // The second client connects when the first is logged in.
    var clients: [FakeClient] = []
    var count = 0
    var held: (Int, String)?
    var waits = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    while poll(&waits, UInt(waits.count), 20_000) > 0 {
      if clients.count < 2, waits[clients.count].revents != 0 {
        clients.append(FakeClient(accept(listener, nil, nil)))
      }
      for index in clients.indices where waits[index].fd == clients[index].descriptor && waits[index].revents != 0 {
        guard let lines = clients[index].read() else { return clients.forEach { close($0.descriptor) } }
        for line in lines {
          let words = line.split(separator: " ", maxSplits: 2).map(String.init)
          if words[0] == "LOGIN" { clients[index].name = words[1] }
          guard words[0] == "UCAST", let target = clients.firstIndex(where: { $0.name == words[1] }) else {
            clients[index].send("200\n")
            continue
          }
          count += 1
          let event = "000 \(clients[index].name) \(line)\n"
          clients[index].send(fault == .refuses && count == 10 ? "404\n" : "200\n")
          let isFaulty = count == 10
          if isFaulty, fault == .loses { continue }
          if isFaulty, fault == .swaps {
            held = (target, event)
            continue
          }
          clients[target].send(event)
          if isFaulty, fault == .doubles { clients[target].send(event) }
          // Behind the next one to the same client, which with two clients comes from the same sender.
          if let late = held, late.0 == target {
            clients[target].send(late.1)
            held = nil
          }
        }
      }
      waits = clients.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
      if clients.count < 2 { waits.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
    }
  }
}

private struct FakeClient {
  let descriptor: Int32
  var name = ""
  private var rest: [UInt8] = []

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// The lines that have come; `nil` at the end.
  mutating func read() -> [String]? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    var lines = (rest + buffer[..<count]).split(separator: 10, omittingEmptySubsequences: false)
    rest = Array(lines.removeLast())
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }

  func send(_ text: String) {
    _ = text.withCString { Glibc.send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
  }
}
