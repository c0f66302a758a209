// The command line.

/// What a run is to be.
struct SoakOptions {
  var seconds = 600.0
  var seed = UInt64.random(in: 0..<1 << 32)
  var loops = [1, 2, 4]
  var binary = ".build/release/ssmpd"
  var groups = 2
  var limits = SoakLimits()
  var wantsHelp = false

  static let help = """
    ssmp-soak starts ssmpd, lets hundreds of simulated clients do anything at any moment, and judges what it does.

    usage: ssmp-soak [OPTION]...

      --seconds N   how long, for all numbers of loops together (600)
      --seed N      what random choices begin with (a random number, which is printed)
      --loops LIST  the numbers of event loops, one after the other (1,2,4)
      --ssmpd PATH  the server (.build/release/ssmpd)
      --groups N    the groups of clients, each with a thread (2)
      --clients N   the clients of a group (90)
      --help        this text

    The exit status is 0 when nothing was found, 1 with a finding, 2 when the run could not be made.
    """

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let name = rest.popFirst() {
      if name == "--help" {
        wantsHelp = true
        continue
      }
      guard let value = rest.popFirst() else { throw SoakError("\(name) wants a value; see --help") }
      switch name {
      case "--seconds": seconds = Double(try Self.number(name, value, 1...1_000_000))
      case "--seed":
        guard let number = UInt64(value) else { throw SoakError("--seed: '\(value)' is no number") }
        seed = number
      case "--loops":
        loops = try value.split(separator: ",").map { try Self.number(name, String($0), 1...64) }
        guard !loops.isEmpty else { throw SoakError("--loops: give a list like 1,2,4") }
      case "--ssmpd": binary = value
      case "--groups": groups = try Self.number(name, value, 1...16)
      case "--clients": limits.clients = try Self.number(name, value, 2...1000)
      default: throw SoakError("\(name) is not an option; see --help")
      }
    }
  }

  private static func number(_ name: String, _ text: String, _ range: ClosedRange<Int>) throws -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw SoakError(
        "\(name): '\(text)' is not accepted; give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
