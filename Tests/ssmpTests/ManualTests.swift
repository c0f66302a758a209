// The man page and the completions, held against the tables of commands and options.

import Foundation
import Testing

@testable import ssmp

@Suite("Man page and completions of ssmp")
struct ManualTests {
  private static var options: [Option] { CompletionScript.all }

  private static func run(_ arguments: [String], input: String = "") throws -> (status: Int32, text: String) {
    let process = Process()
    let (source, output) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "30"] + arguments
    process.standardInput = source
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try source.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try source.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  private static func has(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }

  /// A file for a shell to read.
  private static func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("ssmp-\(UUID().uuidString)")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
  }

  @Test("The man page has every command, option, exit code and subject")
  func everything() {
    let page = ToolManual.text.replacingOccurrences(of: "\\-", with: "-").replacingOccurrences(of: "\\&", with: "")
    for command in Commands.all {
      #expect(page.contains("\n.It Cm \(command.name)"), "\(command.name)")
      for option in command.options() { #expect(page.contains("Cm --\(option.name)"), "\(option.name)") }
    }
    for option in Self.options { #expect(page.contains("Cm --\(option.name)"), "\(option.name)") }
    for code in ToolHelp.exitCodes {
      #expect(page.contains("\n.It \(code.name == "128+N" ? "Ar" : "Cm") \(code.name)\n"))
    }
  }

  @Test("The man page is free of warnings", .enabled(if: has("groff"), "groff is not installed"))
  func warnings() throws {
    let result = try Self.run(["groff", "-mdoc", "-ww", "-Kutf8", "-Tutf8", "-z"], input: ToolManual.text)
    #expect(result.status == 0 && result.text.isEmpty, "\(result.text.prefix(500))")
  }

  @Test("Every script names every command and option", arguments: CompletionScript.Shell.allCases)
  func complete(shell: CompletionScript.Shell) {
    let text = CompletionScript.text(for: shell)
    for command in Commands.all { #expect(text.contains(command.name)) }
    for option in Self.options {
      #expect(text.contains(shell == .fish ? " -l \(option.name) " : "--\(option.name)"), "\(option.name)")
    }
  }

  @Test(
    "bash completes commands, options and their values",
    arguments: [
      (["ssmp", "pu"], ["pub"]), (["ssmp", "-i", "pub", "pi"], ["ping"]), (["ssmp", "sub", "--pre"], ["--presence"]),
      (["ssmp", "ping", "--pre"], []), (["ssmp", "sub", "-o", ""], ["text", "wire", "json"]),
      (["ssmp", "sub", "--output", "=", "w"], ["wire"]), (["ssmp", "sub", "--output", "="], ["text", "wire", "json"]),
      (["ssmp", "completion", ""], ["bash", "zsh", "fish"]), (["ssmp", "context", "s"], ["show"]),
      (["ssmp", "pub", "news", "pu"], []), (["ssmp", "--ca", "/etc/passw"], ["/etc/passwd"]),
      (["ssmp", "--help", "runn"], ["running"]),
    ])
  func bash(words: [String], found: [String]) throws {
    let result = try Self.withFile(CompletionScript.bash) { path in
      try Self.run(
        [
          "bash", "-c",
          "source \(path); COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _ssmp; "
            + "for word in \"${COMPREPLY[@]}\"; do echo \"$word\"; done", "bash",
        ] + words)
    }
    let candidates = result.text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("/etc/passwd-") }
    #expect(candidates == found, "\(result.text)")
  }

  @Test("zsh and fish can read their scripts", arguments: [CompletionScript.Shell.zsh, .fish])
  func syntax(shell: CompletionScript.Shell) throws {
    guard Self.has(shell.rawValue) else { return }
    let result = try Self.withFile(CompletionScript.text(for: shell)) { try Self.run([shell.rawValue, "-n", $0]) }
    #expect(result.status == 0 && result.text.isEmpty, "\(result.text)")
  }
}
