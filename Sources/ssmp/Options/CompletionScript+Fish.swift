// Completion for fish.

extension CompletionScript {
  static var fish: String {
    var text = """
      # Completion of ssmp for fish.
      complete -c ssmp -f
      complete -c ssmp -l help -d 'print the help' -x -a '\(subjects.joined(separator: " "))'
      complete -c ssmp -n __fish_use_subcommand -l version -d 'print the version'

      """
    for option in common { text += fishOption(option, "") }
    for command in Commands.all {
      text += "complete -c ssmp -n __fish_use_subcommand -a \(command.name) -d '\(quoted(command.help, "'"))'\n"
      let condition = "__fish_seen_subcommand_from \(command.name)"
      for option in command.options() { text += fishOption(option, " -n '\(condition)'") }
      if let words = words(command) {
        text += "complete -c ssmp -n '\(condition)' -a '\(words.joined(separator: " "))'\n"
      }
    }
    return text
      + "complete -c ssmp -n '__fish_seen_subcommand_from show' -a '(ssmp context ls 2>/dev/null)' -d context\n"
  }

  private static func fishOption(_ option: Option, _ condition: String) -> String {
    let letter = option.letter.map { " -s \($0)" } ?? ""
    let value =
      switch values(option) {
      case .none: ""
      case .text: " -x"
      case .files: " -r -F"
      case .words(let words): " -x -a '\(words.joined(separator: " "))'"
      case .contexts: " -x -a '(ssmp context ls 2>/dev/null)'"
      }
    return "complete -c ssmp\(condition)\(letter) -l \(option.name)\(value) -d '\(quoted(option.help, "'"))'\n"
  }
}
