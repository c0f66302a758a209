// Completion for zsh.

extension CompletionScript {
  static var zsh: String {
    let commands = Commands.all.map { "    '\($0.name):\(quoted($0.help, "'"))'\n" }.joined()
    let cases = Commands.all.map { command in
      "        \(command.name)) _arguments -s -S \\\n"
        + (common + command.options()).map { zshOption($0, indent: 10) }.joined()
        + "          \(zshOperands(command)) ;;\n"
    }.joined()
    return """
      #compdef ssmp
      # Completion of ssmp for zsh.
      _ssmp_contexts() { local -a names; names=(${(f)"$(ssmp context ls 2>/dev/null)"}); compadd -a names }
      _ssmp() {
        local curcontext=$curcontext state line
        typeset -A opt_args
        local -a commands
        commands=(
      \(commands)  )
        _arguments -s -S -C \\
      \(common.map { zshOption($0, indent: 4) }.joined())\
          '--help[print the help]' '--version[print the version]' \\
          '1:command:->command' '*::argument:->rest'
        case $state in
          command) _describe command commands ;;
          rest)
            case $words[1] in
      \(cases)      esac ;;
        esac
      }
      if [[ $funcstack[1] == _ssmp ]]; then _ssmp "$@"; else compdef _ssmp ssmp; fi

      """
  }

  private static func zshOption(_ option: Option, indent: Int) -> String {
    let text = quoted(option.help, "'[]")
    let both = names(option)
    // The forms exclude each other.
    let head = both.count > 1 ? "'(\(both.joined(separator: " ")))'{\(both.joined(separator: ","))}" : both[0]
    let action =
      switch values(option) {
      case .none: ""
      case .text: ":\(zshPlaceholder(option)): "
      case .files: ":file:_files"
      case .words(let words): ":\(option.name):(\(words.joined(separator: " ")))"
      case .contexts: ":context:_ssmp_contexts"
      }
    return String(repeating: " ", count: indent) + "\(head)'[\(text)]\(action)' \\\n"
  }

  private static func zshOperands(_ command: Command) -> String {
    guard let words = words(command) else { return command.operands.isEmpty ? "" : "'*:argument: '" }
    let rest = command.name == "context" ? " '2:context:_ssmp_contexts'" : ""
    return "'1:\(command.name):(\(words.joined(separator: " ")))'\(rest)"
  }

  private static func zshPlaceholder(_ option: Option) -> String {
    guard case .value(let placeholder, _) = option.effect else { return "" }
    return quoted(placeholder, "'[]:")
  }

  /// A text without the characters that mean something where it stands.
  static func quoted(_ text: String, _ characters: String) -> String {
    String(text.map { characters.contains($0) || $0 == "\\" || $0 == "`" ? " " : $0 })
  }
}
