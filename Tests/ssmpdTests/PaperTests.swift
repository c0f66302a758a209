// The man pages and the completion of the shell, held against the table of options.

import Foundation
import Testing

@testable import ssmpd

@Suite("Man pages and completion")
struct PaperTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("packaging")
  private static let pages = ["man/ssmpd.8", "man/ssmpd.conf.5"]
  private static let completionLibrary = "/usr/share/bash-completion/bash_completion"

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
  }

  /// A page's lines as they will look: the hyphens of its source are escaped.
  private static func lines(_ page: String) throws -> [String] {
    try text(page).replacingOccurrences(of: "\\-", with: "-").components(separatedBy: "\n")
  }

  private static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws
    -> String
  {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "30", program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? text : "\(text)(\(program) ended with code \(process.terminationStatus))"
  }

  private static func has(_ program: String) -> Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }

  @Test("ssmpd.8 describes every option")
  func everyOption() throws {
    let lines = try Self.lines("man/ssmpd.8")
    for option in Option.all {
      let heading = ".It Fl -\(option.name)"
      #expect(lines.contains { $0 == heading || $0.hasPrefix(heading + " Ar ") }, "--\(option.name)")
    }
  }

  @Test("ssmpd.conf.5 lists every setting, and nothing that is for the command line only")
  func everySetting() throws {
    let lines = try Self.lines("man/ssmpd.conf.5")
    for option in Option.all {
      let heading = ".It Ic \(option.name) "
      let isSetting = !["config", "check", "user", "reload", "version", "help"].contains(option.name)
      #expect(lines.contains { $0.hasPrefix(heading) } == isSetting, "\(option.name)")
    }
  }

  @Test("ssmpd.8 explains signals, exit codes, and what systemd sets")
  func surroundings() throws {
    let lines = try Self.lines("man/ssmpd.8")
    for signal in ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"] { #expect(lines.contains(".It Dv \(signal)")) }
    for code in 0...2 { #expect(lines.contains(".It \(code)")) }
    let explained = Set(
      lines.filter { $0.hasPrefix(".It Ev ") }.flatMap { $0.dropFirst(7).components(separatedBy: " , ") })
    #expect(explained.isSuperset(of: SystemdEnvironment.variables + ["JOURNAL_STREAM"]))
  }

  @Test("The settings of the package, the units and the pages agree on where the admin socket is")
  func adminSocket() throws {
    let socket = "/run/ssmpd/admin.sock"
    #expect(try Self.text("ssmpd.conf").contains("\nadmin \(socket)\n"))
    #expect(try Self.text("systemd/ssmpd.service").contains("\nRuntimeDirectory=ssmpd\n"))
    #expect(try Self.text("systemd/ssmpd@.service").contains("\nRuntimeDirectory=ssmpd-%i\n"))
    let others = ["../README.md", "../docs/admin.md", "../docs/operations.md"]
    for page in Self.pages + others {
      let text = try Self.text(page)
      let named = text.components(separatedBy: "/run/ssmpd/admin").dropFirst()
      #expect(!named.isEmpty && named.allSatisfy { $0.hasPrefix(".sock") }, "\(page)")
    }
  }

  @Test("The man pages are free of warnings", .enabled(if: has("man") && has("groff"), "there is no man here"))
  func warnings() throws {
    for page in Self.pages {
      let path = Self.folder.appendingPathComponent(page).path
      // What is formatted goes away, what is complained about stays.
      let complaints = try Self.run(
        "sh", ["-c", "man --warnings -E UTF-8 -Tutf8 -l \"$0\" >/dev/null", path],
        environment: ["LC_ALL": "C.UTF-8", "MANWIDTH": "80"])
      #expect(complaints == "", "\(page)")
    }
  }

  @Test(
    "The man pages show every option as it is typed", .enabled(if: has("man") && has("groff"), "there is no man here"))
  func formatted() throws {
    let path = Self.folder.appendingPathComponent("man/ssmpd.8").path
    let page = try Self.run(
      "sh", ["-c", "man -E UTF-8 -l \"$0\" | col -b", path], environment: ["LC_ALL": "C.UTF-8", "MANWIDTH": "80"])
    for option in Option.all {
      #expect(page.contains("     --\(option.name)"), "--\(option.name)")
    }
  }

  /// What bash offers for the last of these words.
  private static func completions(_ words: String...) throws -> Set<String> {
    let script = """
      . \(completionLibrary) && . "$0" || exit
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
      compopt() { :; }
      _ssmpd
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let path = folder.appendingPathComponent("completion/ssmpd").path
    return Set(try run("bash", ["-c", script, path, "ssmpd"] + words).split(separator: "\n").map(String.init))
  }

  private static let hasCompletion = FileManager.default.fileExists(atPath: completionLibrary)

  @Test("bash completes every option", .enabled(if: hasCompletion, "bash-completion is not installed here"))
  func completesOptions() throws {
    let offered = try Self.completions("--")
    for option in Option.all {
      #expect(offered.contains("--\(option.name)"), "--\(option.name)")
    }
    #expect(try Self.completions("--ca") == ["--cacert"])
  }

  @Test(
    "bash completes levels, files and schemes", .enabled(if: hasCompletion, "bash-completion is not installed here"))
  func completesValues() throws {
    #expect(try Self.completions("--log-level", "") == ["error", "warning", "notice", "info", "debug"])
    #expect(try Self.completions("--log-level=in") == ["info"])
    #expect(try Self.completions("--cert", "/etc/passw").contains("/etc/passwd"))
    #expect(try Self.completions("--listen", "t") == ["tls://", "tcp://"])
    #expect(try Self.completions("--loops", "") == [])
  }
}
