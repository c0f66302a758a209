// From arguments to a configuration.

import CommandLineTools

extension Configuration {
  /// Reads the arguments after the program's name: `--name`, `--name value` or `--name=value`.
  init(arguments: [String]) throws(ConfigurationError) {
    self.init()
    try override(with: arguments)
  }

  /// Puts what the arguments say in place of what the configuration has.
  mutating func override(with arguments: [String]) throws(ConfigurationError) {
    var parser = OptionParser("ssmpd", Option.all)
    parser.letters.merge(Self.letters) { $1 }
    parser.isSubject = { Help.pages.text(about: $0) != nil }
    parser.guess = { argument in
      let isFile = !argument.hasPrefix("-") && argument.hasSuffix(".conf")
      return isFile ? "--config \(argument.clipped.printable)" : nil
    }
    try parser.parse(arguments, into: &self) { option, isFirst, configuration in
      // What the file has said does not count, neither one value nor several.
      if isFirst { option.field?.reset(&configuration) }
      if configuration.origins.file != nil { configuration.origins.overridden.insert(option.name) }
    }
  }

  /// Letters that are options of other programs, and the options that do the same here.
  private static let letters: [String: String] = [
    "V": "version", "v": "version", "t": "check", "c": "config", "f": "config", "l": "listen", "p": "listen",
  ]
}
