// One fuzz input as a configuration file.

import FuzzHarness

@testable import ssmpd

/// Reads an input as a configuration file. Whatever it holds, there are settings, or a few lines that say what is wrong, and
/// comments and the end of the last line change nothing.
func fuzzConfiguration(_ input: [UInt8]) throws {
  let result = configurationResult(input)
  if case .faults(let lines) = result { try checkMessages(lines, atMost: ConfigurationFaults.limit + 1) }
  try check(configurationResult(input) == result, "reading twice makes a difference")
  guard case .settings = result else { return }
  try check(configurationResult(input + Array("\n# a comment\n\n".utf8)) == result, "a comment makes a difference")
}

private enum ConfigurationResult: Equatable {
  case settings(Configuration)
  case faults([String])
}

private func configurationResult(_ input: [UInt8]) -> ConfigurationResult {
  do {
    var configuration = Configuration()
    try ConfigurationFile("file", input).apply(to: &configuration)
    try configuration.validate()
    return .settings(configuration)
  } catch let faults as ConfigurationFaults {
    return .faults(faults.lines)
  } catch {
    return .faults(["\(error)"])
  }
}

/// Messages for an operator are lines without control characters, of a bounded length, and not many.
func checkMessages(_ lines: [String], atMost limit: Int) throws {
  try check((1...limit).contains(lines.count), "\(lines.count) messages")
  for line in lines {
    try check(line.utf8.count <= 2048, "a message of \(line.utf8.count) bytes")
    let isPlain = line.unicodeScalars.allSatisfy {
      ![.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
    }
    try check(isPlain, "a message with control characters: \(line.debugDescription)")
  }
}
