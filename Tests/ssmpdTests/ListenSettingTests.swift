// One `--listen`.

import SSMPCore
import SSMPTransport
import Testing

@testable import ssmpd

@Suite("Listen setting")
struct ListenSettingTests {
  @Test("tcp:// with an address and a port is where to listen, with all schemes that are enabled")
  func tcp() throws {
    let setting = try ListenSetting("tcp://127.0.0.1:8787")
    #expect(setting.address == SocketAddress(internet: "127.0.0.1:8787"))
    #expect(setting.schemes == nil)
    #expect(setting.text == "tcp://127.0.0.1:8787")
  }

  @Test("tcp:// takes IPv6 in brackets, and * for every address")
  func tcpForms() throws {
    #expect(try ListenSetting("tcp://[::1]:1").address == SocketAddress(internet: "[::1]:1"))
    #expect(try ListenSetting("tcp://*:1").address == SocketAddress(internet: "[::]:1"))
  }

  @Test("unix: with a path is where to listen, and the path may hold colons and slashes")
  func unix() throws {
    #expect(try ListenSetting("unix:/run/ssmpd:1/socket").address == .unix("/run/ssmpd:1/socket"))
    #expect(try ListenSetting("unix:here").address == .unix("here"))
  }

  @Test("A path of 107 bytes fits into the address of a unix socket, and one of 108 does not")
  func unixPathLength() throws {
    let path = String(repeating: "p", count: 107)
    #expect(try ListenSetting("unix:\(path)").address == .unix(path))
    #expect(throws: ConfigurationError.self) { try ListenSetting("unix:\(path)p") }
    #expect(throws: ConfigurationError.self) { try ListenSetting("unix:") }
  }

  @Test("?auth= names the schemes of the listener")
  func schemes() throws {
    #expect(try ListenSetting("tcp://127.0.0.1:1?auth=open").schemes == SchemeSet([.open]))
    #expect(try ListenSetting("tcp://127.0.0.1:1?auth=secret").schemes == SchemeSet([.secret]))
    #expect(try ListenSetting("unix:/s?auth=open,secret").schemes == SchemeSet([.secret, .open]))
  }

  @Test(
    "What is not accepted is named in one line, with the setting and what is accepted",
    arguments: [
      "", "tcp://", "tcp://:1", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1",
      "tcp://127.0.0.1:+1", "tcp://127.0.0.1:1x", "tcp://localhost:1", "tcp://::1:1", "tcp://[::1]", "tcp://[::1:1",
      "tcp://[127.0.0.1]:1", "tcp://1.2.3:1", "udp://127.0.0.1:1", "unix:", "127.0.0.1", "/run/socket",
      "tcp://127.0.0.1:1?", "tcp://127.0.0.1:1?auth", "tcp://127.0.0.1:1?scheme=open", "tcp://127.0.0.1:1?auth=",
      "tcp://127.0.0.1:1?auth=open,", "tcp://127.0.0.1:1?auth=OPEN", "tcp://127.0.0.1:1?auth=magic",
      "tcp://127.0.0.1:1\nx",
    ])
  func refused(text: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try ListenSetting(text) }
    #expect(error.description.hasPrefix("--listen: '\(text.printable)' "))
    #expect(error.description.contains("; give "))
    #expect(!error.description.contains("\n"))
  }

  @Test(
    "An address that is nearly right is answered with what is wrong with it",
    arguments: [
      ("tcp://localhost:9001", "host names are not looked up; give tcp://127.0.0.1:9001 or tcp://[::1]:9001"),
      ("localhost:1", "host names are not looked up; give 127.0.0.1:1 or [::1]:1"),
      ("tls://broker.example:1?auth=cert", "host names are not looked up; give tls://ADDRESS:1"),
      ("tcp://127.0.0.1:99999", "port 99999 does not exist; give a number from 0 to 65535"),
      (
        "tcp://127.0.0.1:99999999999999999999999",
        "port 99999999999999999999999 does not exist; give a number from 0 to 65535"
      ),
      ("tcp://127.0.0.1:http", "'http' is no port; give a number from 0 to 65535"),
      ("tcp://127.0.0.1", "it has no port; give tcp://127.0.0.1:8787"), ("[::1]", "it has no port; give [::1]:8787"),
      ("tcp://::1", "it has no port; give tcp://[::1]:8787"),
      ("tcp://::1:9000", "an IPv6 address needs brackets; give tcp://[::1]:9000"),
      ("tcp://:::9000", "an IPv6 address needs brackets; give tcp://[::]:9000"),
      ("tcp://2001:db8::a", "it has no port; give tcp://[2001:db8::a]:8787"),
      ("tcp://1:2:3:4:5:6:7:8", "it has no port; give tcp://[1:2:3:4:5:6:7:8]:8787"),
      ("tcp://1:2:3:4:5:6:7:8:9", "an IPv6 address needs brackets; give tcp://[1:2:3:4:5:6:7:8]:9"),
      ("tcp://fe80::1:80", "an IPv6 address needs brackets; give tcp://[fe80::1%INTERFACE]:80"),
      ("tcp://:8787", "it has no address; give tcp://*:8787 or tcp://127.0.0.1:8787"),
      ("tcp://[127.0.0.1]:1", "brackets are for IPv6; give tcp://127.0.0.1:1"),
      ("tcp://[fe80::1]:1", "a link-local address needs the network interface; give tcp://[fe80::1%INTERFACE]:1"),
      ("tcp://[fe80::1%no such]:1", "there is no network interface 'no such'; give tcp://[fe80::1%INTERFACE]:1"),
      ("tcp://[::1%lo]:1", "only a link-local address (fe80::/10) has an interface; give tcp://[::1]:1"),
      ("/run/ssmpd.sock", "a path is no address; give unix:/run/ssmpd.sock"),
    ])
  func hints(text: String, hint: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try ListenSetting(text) }
    #expect(error.description == "--listen: '\(text)' is not accepted: \(hint)")
    guard text.hasPrefix("tcp://"), !text.contains("?") else { return }
    let metrics = try #require(throws: ConfigurationError.self) { try MetricsSetting(text) }
    #expect(metrics.description == "--metrics: '\(text)' is not accepted: \(hint)")
  }

  @Test("tls:// with an address and a port speaks TLS, and so does an address without a scheme")
  func tls() throws {
    for text in ["127.0.0.1:8787", "[::1]:8787", "*:8787"] {
      let address = SocketAddress(internet: text)
      #expect(try ListenSetting("tls://\(text)").address == address)
      #expect(try ListenSetting(text).address == address)
      #expect(try ListenSetting("tls://\(text)").isTLS)
      #expect(try ListenSetting(text).isTLS)
      #expect(try !ListenSetting("tcp://\(text)").isTLS)
    }
    #expect(try !ListenSetting("unix:/s").isTLS)
    #expect(try ListenSetting("127.0.0.1:1?auth=cert,open").schemes == SchemeSet([.cert, .open]))
  }

  @Test("The standard listener speaks TLS on port 8787 of all addresses")
  func standard() throws {
    #expect(try ListenSetting("tls://*:8787") == ListenSetting.standard)
  }

  @Test("cert is refused on a listener without TLS, and the reason is given (Client certificate)")
  func cert() throws {
    let error = try #require(throws: ConfigurationError.self) { try ListenSetting("tcp://127.0.0.1:1?auth=open,cert") }
    #expect(
      error.description
        == "--listen: 'tcp://127.0.0.1:1?auth=open,cert' offers cert, which needs TLS; give secret or open")
  }

  @Test("An address is described as it would be written in the setting")
  func descriptions() throws {
    for text in ["tcp://127.0.0.1:8787", "tcp://[::1]:8787", "tls://127.0.0.1:8787", "unix:/run/socket"] {
      let setting = try ListenSetting(text)
      #expect(ListenSetting.describe(try #require(setting.address), isTLS: setting.isTLS) == text)
    }
  }

  @Test("systemd+tls:, systemd+tcp: and systemd+unix: with a name is a socket that systemd hands over")
  func systemd() throws {
    let tls = try ListenSetting("systemd+tls:devices")
    #expect(tls.place == .systemd(name: "devices", isLocal: false) && tls.isTLS)
    let tcp = try ListenSetting("systemd+tcp:ssmpd.socket?auth=open")
    #expect(tcp.place == .systemd(name: "ssmpd.socket", isLocal: false) && !tcp.isTLS)
    #expect(tcp.schemes == SchemeSet([.open]))
    let unix = try ListenSetting("systemd+unix:local")
    #expect(unix.place == .systemd(name: "local", isLocal: true) && !unix.isTLS)
    #expect(throws: ConfigurationError.self) { try ListenSetting("systemd+unix:local?auth=cert") }
  }

  @Test(
    "A name that systemd cannot give is refused with what is accepted",
    arguments: ["systemd+tls:", "systemd+udp:a", "systemd+:a", "systemd+tls", "systemd+tls:a:b", "systemd+tls:\u{e4}"])
  func systemdNames(text: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try ListenSetting(text) }
    #expect(
      error.description
        == "--listen: '\(text)' is not accepted; give systemd+tls:NAME, systemd+tcp:NAME or systemd+unix:NAME, "
        + "as FileDescriptorName= says")
  }
}

extension ListenSetting {
  fileprivate var address: SocketAddress? {
    if case .address(let address) = place { return address }
    return nil
  }
}
