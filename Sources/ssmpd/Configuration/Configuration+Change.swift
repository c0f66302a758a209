// What becomes of a configuration while the server runs.

import CommandLineTools

extension Configuration {
  /// Takes over from the configuration in force what only a restart can change, and returns the names of the settings that
  /// would have been others.
  mutating func keepUntilRestart(of old: Configuration) -> [String] {
    var kept: [String] = []
    for option in Option.all where option.change == .needsRestart {
      guard let field = option.field, field.keep(&self, old) else { continue }
      // The value is not the one of the file.
      origins.lines[option.name] = nil
      kept.append(option.name)
    }
    return kept
  }

  /// Refuses to take away by a reload what keeps somebody out: a file that is cut off at the end of a line looks just like
  /// one without that line.
  ///
  /// Without its `listen` lines the server would offer all schemes at the default address, which may be the same one. What
  /// else is lost closes more (`open`, `secret-file`), is refused by `validate` (files of TLS), or is a limit, and named as
  /// changed.
  func refuseLosing(of old: Configuration) throws(ConfigurationError) {
    if listen.isEmpty, let lost = old.listen.first, old.listen != listeners {
      throw ConfigurationError(
        setting: "listen",
        """
        '\(lost.text.printable)' is in force, and none is given any more; \
        give \(setting: "listen") \(ListenSetting.standard.text) if that is meant
        """)
    }
    let files = [("access", accessFile, old.accessFile), ("crl", revocationsFile, old.revocationsFile)]
    for (name, new, old) in files where new == nil && !turnedOff.contains(name) {
      guard let old else { continue }
      throw ConfigurationError(
        setting: name,
        "'\(old.printable)' is in force, and is not given any more; give \(setting: name) no if that is meant")
    }
  }

  /// The names of the settings that differ from those of another configuration.
  func changes(from old: Configuration) -> [String] {
    Option.all.filter { $0.field?.differs(self, old) ?? false }.map(\.name)
  }

  /// Takes over the listeners of another configuration, each with the schemes that it has here, if it is here at all. True
  /// when there are others here, or fewer.
  mutating func keepListeners(of old: Configuration) -> Bool {
    var rest = listeners
    let kept = old.listeners.map { listener in
      guard let index = rest.firstIndex(where: listener.isSamePlace) else { return listener }
      return rest.remove(at: index)
    }
    let isOther = !rest.isEmpty || kept.count != listeners.count
    // As it was written, as long as it is the same.
    if isOther || kept != listeners { listen = kept }
    return isOther
  }
}

extension ListenSetting {
  /// True when the other one is for the same address in the same way.
  func isSamePlace(_ other: ListenSetting) -> Bool { place == other.place && isTLS == other.isTLS }
}
