// What is wrong with the configuration.

import CommandLineTools

/// A fault in the configuration, on the command line or in the configuration file: which setting,
/// what it was given, and what would be accepted.
typealias ConfigurationError = OptionError

/// Everything that is wrong with a configuration file, as far as it was looked for.
struct ConfigurationFaults: Error, CustomStringConvertible {
  /// The most faults that are told of.
  static let limit = 10

  /// In the order of the file; at least one, and no more than are told of.
  private(set) var faults: [ConfigurationError] = []
  /// How many there are in all.
  private(set) var count = 0
  /// True when the next one is told of.
  var hasRoom: Bool { count < Self.limit }

  /// Adds a fault. Beyond the limit it is only counted, and not made: a file of a megabyte may have
  /// half a million of them.
  mutating func add(_ fault: @autoclosure () -> ConfigurationError) {
    if hasRoom { faults.append(fault()) }
    count += 1
  }

  /// One line for each of the first faults, and one for the rest.
  var lines: [String] {
    let rest = count - faults.count
    let more = rest > 0 ? ["\(faults[0].place?.file.printable ?? ""): \(rest) more fault\(rest == 1 ? "" : "s")"] : []
    return faults.map(\.description) + more
  }

  /// The first fault, and how many there are beside it.
  var description: String {
    count == 1 ? "\(faults[0])" : "\(faults[0]) (and \(count - 1) more)"
  }
}
