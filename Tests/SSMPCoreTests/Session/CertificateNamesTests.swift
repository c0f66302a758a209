// Which identifiers a certificate proves.

import FuzzHarness
import Testing

@testable import SSMPCore

@Suite("Certificate names (Client certificate)")
struct CertificateNamesTests {
  private func names(_ common: [String], _ alternative: [String] = []) -> CertificateNames {
    CertificateNames(
      commonNames: common.map { Array($0.utf8) }, alternativeNames: alternative.map { Array($0.utf8) })
  }

  /// What `LOGIN <id> cert` is answered to a connection with these names.
  private func login(_ id: String, _ names: CertificateNames?, offered: SchemeSet = SchemeSet([.cert])) throws -> String
  {
    let world = World()
    return try world.say(world.connect(schemes: offered, names: names), "LOGIN \(id) cert\n")
  }

  @Test("The Common Name and each alternative name are proven, and nothing else")
  func matching() throws {
    let device = names(["pump-7"], ["pump.example", "pump@example.com", "urn:pump:7", "10.0.0.7", "2001:db8::7"])
    for id in ["pump-7", "pump.example", "pump@example.com", "urn:pump:7", "10.0.0.7", "2001:db8::7"] {
      #expect(try login(id, device) == "200\n")
    }
    for id in ["pump", "pump-70", "Pump-7", "PUMP.EXAMPLE", "a.pump.example", "10.0.0.70", "7"] {
      #expect(try login(id, device) == "401 cert\n")
    }
  }

  @Test(
    "A name followed by / and at least one byte is proven; a name without the slash, or with nothing behind it, is not")
  func suffixes() throws {
    let device = names(["pump"])
    for id in ["pump/1", "pump/a/b", "pump//", "pump/."] { #expect(try login(id, device) == "200\n") }
    for id in ["pump/", "pumps/1", "pum/p", "pump.1", "pump-/1"] { #expect(try login(id, device) == "401 cert\n") }
  }

  @Test("A name of 64 bytes is proven by itself, and one of 62 bytes with a suffix")
  func longNames() throws {
    #expect(try login(times(64, "n"), names([times(64, "n")])) == "200\n")
    #expect(try login(times(62, "n") + "/1", names([times(62, "n")])) == "200\n")
    #expect(names([times(65, "n")]).names.isEmpty)
  }

  @Test("A wildcard is no pattern: * is no byte of an identifier, so such a name never counts")
  func wildcards() throws {
    let wild = names([], ["*.example", "pump.example"])
    #expect(wild.names == [Array("pump.example".utf8)])
    #expect(try login("a.example", wild) == "401 cert\n")
  }

  @Test("Of several Common Names none counts, of equal ones neither; alternative names do")
  func severalCommonNames() throws {
    let device = names(["one", "two"], ["three"])
    #expect(try login("one", device) == "401 cert\n")
    #expect(try login("two", device) == "401 cert\n")
    #expect(try login("three", device) == "200\n")
    #expect(try login("same", names(["same", "same"])) == "401 cert\n")
  }

  @Test(
    "Names that no identifier can equal never count",
    arguments: ["", ".", "a b", "a\0", "a\0b", "\0", "a\n", "ä", "a*", "a,b", "a\u{7f}"])
  func unusable(name: String) {
    #expect(names([name], [name]).names.isEmpty)
  }

  @Test(". is nobody's identity: LOGIN . cert is refused whatever the certificate says")
  func anonymous() throws {
    #expect(try login(".", names(["."], ["."])) == "401 cert\n")
    #expect(try login("./a", names(["."])) == "401 cert\n")
    #expect(try login(".", names(["pump"])) == "401 cert\n")
  }

  @Test("Without a certificate, or where the listener does not offer cert, cert is refused with the listener's schemes")
  func notOffered() throws {
    #expect(try login("pump", nil, offered: SchemeSet([.cert, .open])) == "401 cert open\n")
    #expect(try login("pump", names(["pump"]), offered: SchemeSet([.open])) == "401 open\n")
  }

  @Test("A certificate does not stand in for another scheme, and proves the LOGIN that is served, not one behind it")
  func onlyForItsLogin() throws {
    let world = World(secret: Array("s3cret".utf8))
    let device = names(["pump"])
    let schemes = SchemeSet([.cert, .secret])
    let first = world.connect(schemes: schemes, names: device)
    #expect(try world.say(first, "LOGIN pump secret wrong\n") == "401 cert secret\n")
    let second = world.connect(schemes: schemes, names: device)
    #expect(try world.say(second, "PING\nLOGIN pump cert\n") == "400\n")
    let third = world.connect(schemes: schemes, names: device)
    #expect(try world.say(third, "LOGIN other secret s3cret\nLOGIN pump cert\n") == "200\n405\n")
    let fourth = world.connect(schemes: schemes, names: device)
    #expect(try world.say(fourth, "LOGIN pu") == "")
    #expect(try world.say(fourth, "mp cert\n") == "200\n")
  }
}
