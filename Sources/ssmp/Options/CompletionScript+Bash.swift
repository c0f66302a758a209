// Completion for bash.

extension CompletionScript {
  static var bash: String {
    let commands = Commands.all.map(\.name).joined(separator: " ")
    let options = Commands.all.compactMap { command -> String? in
      let options = command.options()
      guard !options.isEmpty else { return nil }
      return "    \(command.name)) options+=\" \(words(options))\" ;;\n"
    }.joined()
    let operands = Commands.all.compactMap { command in
      words(command).map { "      \(command.name)) candidates=\"\($0.joined(separator: " "))\" ;;\n" }
    }.joined()
    return """
      # Completion of ssmp for bash.
      _ssmp() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= operands=0 index candidates=
        local options="\(words(common)) --help --version"
        # bash takes --name=value for three words.
        if [[ $word == = ]]; then
          word=
        elif [[ $before == = ]]; then
          before=${COMP_WORDS[COMP_CWORD-2]}
        fi
        for ((index = 1; index < COMP_CWORD; index++)); do
          case ${COMP_WORDS[index]} in
            \(all.filter { values($0) != .none }.flatMap(names).joined(separator: "|"))) ((index++)) ;;
            -*|=) ;;
            *) if [[ -z $command ]]; then command=${COMP_WORDS[index]}; else ((operands++)); fi ;;
          esac
        done
        case $before in
      \(all.compactMap(bashCase).joined())    --help) candidates="\(subjects.joined(separator: " "))" ;;
        esac
        if [[ -n $candidates ]]; then
          COMPREPLY=($(compgen -W "$candidates" -- "$word"))
          return
        fi
        case $command in
      \(options)  esac
        if [[ $word == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$word"))
          return
        elif [[ -z $command ]]; then
          candidates="\(commands)"
        elif ((operands == 0)); then
          case $command in
      \(operands)    esac
        elif [[ $command == context ]]; then
          candidates=$(ssmp context ls 2>/dev/null)
        fi
        COMPREPLY=($(compgen -W "$candidates" -- "$word"))
      }
      complete -F _ssmp ssmp

      """
  }

  private static func words(_ options: [Option]) -> String { options.flatMap(names).joined(separator: " ") }

  /// What completes the value of an option, if there is anything to complete.
  private static func bashCase(_ option: Option) -> String? {
    let pattern = "    \(names(option).joined(separator: "|")))"
    switch values(option) {
    case .none: return nil
    case .text: return "\(pattern) return ;;\n"
    case .words(let words): return "\(pattern) candidates=\"\(words.joined(separator: " "))\" ;;\n"
    case .contexts: return "\(pattern) candidates=$(ssmp context ls 2>/dev/null) ;;\n"
    case .files:
      return
        "\(pattern) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;\n"
    }
  }
}
