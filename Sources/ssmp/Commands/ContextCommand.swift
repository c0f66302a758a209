// ssmp context.

import CommandLineTools

extension Command {
  /// What there is of contexts.
  static let context = Command(
    name: "context", operands: "ls|show NAME", help: "list the contexts, or show one",
    details: [
      "A context is a file in ~/.config/ssmp (or $XDG_CONFIG_HOME/ssmp) with a setting in each line: server, id, ca, cert, "
        + "key, secret-file, open, trust-anybody, with the values of the options of these names. Paths are relative to the "
        + "file. Secrets are never in it, but in the files that it names.",
      "-c NAME uses it, or the variable SSMP_CONTEXT; without both the context `default` is used, if it is there, unless -s "
        + "names a server.",
    ], counts: 1...2
  ) { _, operands in
    switch (operands[0], operands.count) {
    case ("ls", 1):
      for name in Contexts.names { try StandardOutput.write("\(name)\n") }
      return .done
    case ("show", 2):
      let path = try Contexts.path(operands[1])
      let settings = try Contexts.read(path)
      try StandardOutput.write("# \(path.printable)\n" + text(settings))
      return .done
    default:
      throw OptionError("'\(operands.joined(separator: " ").clipped.printable)' is not accepted; give ls or show NAME")
    }
  }

  private static func text(_ settings: Settings) -> String {
    var lines: [String] = []
    if let servers = settings.servers { lines.append("server \(servers.map(\.description).joined(separator: ","))") }
    if let id = settings.id { lines.append("id \(id)") }
    let files = [
      ("ca", settings.authorities), ("cert", settings.certificate), ("key", settings.key),
      ("secret-file", settings.secretFile),
    ]
    for case (let name, let file?) in files { lines.append("\(name) \(file.printable)") }
    if settings.isOpen { lines.append("open") }
    if settings.trustsAnybody { lines.append("trust-anybody") }
    return lines.map { "\($0)\n" }.joined()
  }
}
