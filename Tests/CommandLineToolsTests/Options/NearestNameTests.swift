// Guesses at mistyped names.

import Testing

@testable import CommandLineTools

@Suite("Nearest name")
struct NearestNameTests {
  private let names = [
    "listen", "open", "secret-file", "cert", "key", "cacert", "ticket-keys", "login-timeout", "ping-interval",
    "pong-timeout", "max-connections", "max-connections-per-address", "max-pending", "loops", "admin", "metrics",
  ]

  @Test(
    "A letter that is missing, added, wrong, or swapped with its neighbour, is seen through; so are case and dashes",
    arguments: [
      ("lopps", "loops"), ("loop", "loops"), ("looops", "loops"), ("opne", "open"), ("LOOPS", "loops"),
      ("--loops", "loops"), ("max-conections", "max-connections"), ("max_connections", "max-connections"),
      ("ping-intervall", "ping-interval"), ("ping-intreval", "ping-interval"), ("timeout-ping", nil),
      ("ky", "key"), ("certs", "cert"), ("max-pendign", "max-pending"),
    ] as [(String, String?)])
  func near(typed: String, meant: String?) {
    #expect(NearestName.to(typed, among: names) == meant)
  }

  @Test(
    "What is like no name gets no guess: too much is different, nothing is there, or it is no name at all",
    arguments: ["port", "", "-", "---", "x", "foo", "daemonize", String(repeating: "a", count: 1 << 20)])
  func far(typed: String) {
    #expect(NearestName.to(typed, among: names) == nil)
  }

  @Test(
    "The beginning of one name only is seen through, up to the end of a word",
    arguments: [("secret", "secret-file"), ("ticket", "ticket-keys"), ("max", nil), ("secr", nil)]
      as [(String, String?)])
  func beginning(typed: String, meant: String?) {
    #expect(NearestName.to(typed, among: names) == meant)
  }

  @Test("Of several the nearest is meant")
  func nearest() {
    #expect(NearestName.to("max-pendin", among: ["max-pendings", "max-pending"]) == "max-pending")
  }

  @Test(
    "The distance is the number of letters to change, a swap of neighbours being one",
    arguments: [("", "", 0), ("a", "", 1), ("", "ab", 2), ("ab", "ba", 1), ("abc", "abd", 1), ("abc", "cab", 2)])
  func distance(one: String, other: String, wanted: Int) {
    #expect(NearestName.distance(Array(one.utf8), Array(other.utf8)) == wanted)
  }
}
