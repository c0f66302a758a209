// Completion, made of the tables of commands and options.

import CommandLineTools

/// Scripts that have a shell complete the command line.
enum CompletionScript {
  /// The shells.
  enum Shell: String {
    case bash, zsh, fish
  }

  private static var common: [Option] { CommonOptions.context + CommonOptions.running }
  private static var files: [String] { ["ca", "cert", "key", "secret-file", "file", "admin"] }

  private static var adminNames: String { AdminVerb.all.map { String($0.name) }.joined(separator: " ") }

  /// The script for a shell.
  static func text(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  private static func words(_ options: [Option]) -> String {
    options.flatMap { option in (option.letter.map { ["-\($0)"] } ?? []) + ["--\(option.name)"] }.joined(separator: " ")
  }

  private static var bash: String {
    let names = Commands.all.map(\.name).joined(separator: " ")
    let cases = Commands.all.map { "    \($0.name)) options=\"$options \(words($0.options()))\" ;;\n" }.joined()
    return """
      # Completion of ssmp for bash.
      _ssmp() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= options="\(words(common)) --help --version"
        local candidate
        for candidate in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
          case " \(names) " in *" $candidate "*) command=$candidate; break ;; esac
        done
        case $before in
          \(files.map { "--\($0)" }.joined(separator: "|"))|-f) COMPREPLY=($(compgen -f -- "$word")); return ;;
          --context|-c) COMPREPLY=($(compgen -W "$(ssmp context ls 2>/dev/null)" -- "$word")); return ;;
          --output|-o) COMPREPLY=($(compgen -W "text wire json" -- "$word")); return ;;
          --input|-I) COMPREPLY=($(compgen -W "lines wire json" -- "$word")); return ;;
          completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")); return ;;
          context) COMPREPLY=($(compgen -W "ls show" -- "$word")); return ;;
          admin) [[ $word == -* ]] || { COMPREPLY=($(compgen -W "\(adminNames)" -- "$word")); return; } ;;
        esac
        case $command in
      \(cases)  esac
        if [[ $word == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$word"))
        elif [[ -z $command ]]; then
          COMPREPLY=($(compgen -W "\(names)" -- "$word"))
        fi
      }
      complete -F _ssmp ssmp

      """
  }

  private static func zshOption(_ option: Option) -> String {
    let text = option.help.map { "[]:'\"\\`$".contains($0) ? " " : String($0) }.joined()
    var value = ""
    if case .value(let placeholder, _) = option.effect {
      value =
        ":\(placeholder.filter { $0 != ":" && $0 != "[" && $0 != "]" }):\(files.contains(option.name) ? "_files" : " ")"
    }
    let names = option.letter.map { "{-\($0),--\(option.name)}" } ?? "--\(option.name)"
    return "    \(names)'[\(text)]\(value)' \\\n"
  }

  private static var zsh: String {
    let commands = Commands.all.map { command in
      let help = command.help.map { "'\":\\`$".contains($0) ? " " : String($0) }.joined()
      return "    '\(command.name):\(help)'\n"
    }.joined()
    let cases = Commands.all.map { command in
      "    \(command.name)) _arguments -s \\\n\((common + command.options()).map(zshOption).joined())    '*:argument:_default' ;;\n"
    }.joined()
    return """
      #compdef ssmp
      # Completion of ssmp for zsh.
      _ssmp() {
        local context state line
        local -a commands
        commands=(
      \(commands)  )
        _arguments -s -C \\
      \(common.map(zshOption).joined())    '--help[print the help]' '--version[print the version]' \\
          '1:command:->command' '*::argument:->rest'
        case $state in
          command) _describe command commands ;;
          rest)
            case $line[1] in
      \(cases)      esac ;;
        esac
      }
      if [[ $funcstack[1] == _ssmp ]]; then _ssmp "$@"; else compdef _ssmp ssmp; fi

      """
  }

  private static func fishOption(_ option: Option, _ condition: String) -> String {
    let letter = option.letter.map { " -s \($0)" } ?? ""
    let help = option.help.map { "'\\".contains($0) ? " " : String($0) }.joined()
    var value = ""
    if case .value = option.effect { value = files.contains(option.name) ? " -r -F" : " -x" }
    return "complete -c ssmp\(condition)\(letter) -l \(option.name)\(value) -d '\(help)'\n"
  }

  private static var fish: String {
    let none = " -n __fish_use_subcommand"
    var text = "# Completion of ssmp for fish.\ncomplete -c ssmp -f\n"
    for option in common { text += fishOption(option, "") }
    for command in Commands.all {
      let help = command.help.map { "'\\".contains($0) ? " " : String($0) }.joined()
      text += "complete -c ssmp\(none) -a \(command.name) -d '\(help)'\n"
      for option in command.options() {
        text += fishOption(option, " -n '__fish_seen_subcommand_from \(command.name)'")
      }
    }
    text += "complete -c ssmp -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n"
    text += "complete -c ssmp -n '__fish_seen_subcommand_from context' -a 'ls show'\n"
    text += "complete -c ssmp -n '__fish_seen_subcommand_from admin' -a '\(adminNames)'\n"
    return text
  }
}
