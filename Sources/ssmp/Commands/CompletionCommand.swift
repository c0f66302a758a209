// ssmp completion.

import CommandLineTools

extension Command {
  /// Completion for shells.
  static let completion = Command(
    name: "completion", operands: "bash|zsh|fish", help: "print what lets a shell complete commands and options",
    details: ["`eval \"$(ssmp completion bash)\"` in ~/.bashrc, for example. The package has them installed already."],
    counts: 1...1
  ) { _, operands in
    guard let shell = CompletionScript.Shell(rawValue: operands[0]) else {
      throw OptionError(operand: "shell", value: operands[0], accepted: "bash, zsh or fish")
    }
    try StandardOutput.write(CompletionScript.text(for: shell))
    return .done
  }
}
