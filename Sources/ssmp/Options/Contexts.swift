// Named sets of options, in files.

import CommandLineTools
import Glibc

/// The files of contexts: `~/.config/ssmp/NAME`, in the syntax of ssmpd.conf, with the options of a login as settings.
enum Contexts {
  /// The context that is used where none is named, if there is such a file.
  static let common = "default"
  private static let sizeLimit = 64 << 10

  /// The folder of the files: `$XDG_CONFIG_HOME/ssmp`, or `~/.config/ssmp`; `nil` if there is no home.
  static var folder: String? {
    if let folder = variable("XDG_CONFIG_HOME"), folder.hasPrefix("/") { return folder + "/ssmp" }
    return variable("HOME").map { $0 + "/.config/ssmp" }
  }

  /// The names of all contexts, in order.
  static var names: [String] {
    folder.map { FileSystem.names(in: $0).filter(isName) } ?? []
  }

  /// The path of a context's file.
  static func path(_ name: String) throws(OptionError) -> String {
    guard isName(name) else {
      throw OptionError(setting: "context", value: name, accepted: "a name of letters, digits, . _ and -")
    }
    guard let folder else { throw OptionError(setting: "context", "there is no home folder; set HOME") }
    return "\(folder)/\(name)"
  }

  private static func isName(_ name: String) -> Bool {
    !name.hasPrefix(".") && !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
      }
  }

  /// Fills in from the context what the command line does not say.
  static func complete(_ settings: inout Settings) throws(OptionError) {
    let named = settings.context ?? variable("SSMP_CONTEXT")
    // Whoever names a server on the command line, and no context, means that server alone.
    if named == nil, settings.servers != nil || settings.descriptors != nil { return }
    guard let path = named == nil ? (try? path(common)) : try path(named ?? common) else { return }
    if named == nil, unsafe access(path, F_OK) != 0 { return }
    let context = try read(path)
    // A login is one thing: what the command line says of it replaces all that the context says.
    let hasLogin = settings.isOpen || settings.certificate != nil || settings.secretFile != nil
    settings.servers = settings.servers ?? context.servers
    settings.id = settings.id ?? context.id
    settings.authorities = settings.authorities ?? context.authorities
    settings.trustsAnybody = settings.trustsAnybody || context.trustsAnybody
    guard !hasLogin else { return }
    settings.certificate = context.certificate
    settings.key = settings.key ?? context.key
    settings.secretFile = context.secretFile
    settings.isOpen = context.isOpen
  }

  /// Reads a context's file.
  static func read(_ path: String) throws(OptionError) -> Settings {
    var settings = Settings()
    for line in try lines(path) {
      do throws(OptionError) {
        guard let option = CommonOptions.context.first(where: { $0.name == line.name }) else {
          let nearest = NearestName.to(line.name, among: CommonOptions.context.map(\.name))
          let hint = nearest.map { "did you mean \($0)?" } ?? "see ssmp --help login"
          throw OptionError("'\(line.name.clipped.printable)' is no setting; \(hint)")
        }
        try option.apply(line.value.map { resolved($0, option.name, path) }, to: &settings)
      } catch {
        var error = error
        error.place = OptionError.Place(file: path, line: line.number)
        throw error
      }
    }
    return settings
  }

  private static func lines(_ path: String) throws(OptionError) -> [SettingLine] {
    let content: FileContent
    do throws(FileFault) {
      content = try FileContent(of: path, limit: sizeLimit, waits: false)
    } catch {
      throw OptionError(setting: "context", "'\(path.printable)' \(error)")
    }
    do throws(SettingLines.NoText) {
      return try SettingLines(content.bytes).all
    } catch {
      throw OptionError("is no text in UTF-8; give it as such", at: OptionError.Place(file: path, line: error.line))
    }
  }

  /// Paths of a context are relative to its file, and may begin with `~/`.
  private static func resolved(_ value: String, _ name: String, _ path: String) -> String {
    guard ["ca", "cert", "key", "secret-file"].contains(name), value != "-", !value.hasPrefix("/") else { return value }
    if value.hasPrefix("~/"), let home = variable("HOME") { return home + value.dropFirst() }
    return path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex) + "/" + value
  }

  /// An environment variable that is set and not empty.
  static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }
}
