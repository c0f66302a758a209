// What the help of ssmpd says.

import CommandLineTools

/// The texts that `--help` prints.
enum Help {
  /// What a start without any argument is told.
  static let beginning =
    "no settings are given; try ssmpd --listen tcp://127.0.0.1:8787 --open, for this machine alone, or see ssmpd --help"

  private static let signals: [(name: String, text: String)] = [
    ("SIGTERM", "stop accepting, close connections one after the other (--drain), end"),
    ("SIGINT", "the same with all connections together; a second one of either: end at once"),
    ("SIGHUP", "read the configuration and the files that it names again"),
    ("SIGUSR1", "log a summary of counts"),
  ]

  /// `--help`, in short and about one subject.
  static var pages: HelpPages {
    let groups = Option.Group.allCases
    let sections = groups.map { group in
      HelpSection(
        group.rawValue, subject: group.subject,
        Option.all.filter { $0.group == group }.map { option in
          HelpEntry(option, details: [option.details, option.change.sentence].compactMap { $0 })
        })
    }
    let introduction = """
      ssmpd is a server for SSMP, the Stupid-Simple Messaging Protocol 1.1.

      usage: ssmpd --cert FILE --key FILE --cacert FILE [OPTION]...
             ssmpd --listen tcp://127.0.0.1:8787 --open [OPTION]...
             ssmpd --config FILE [OPTION]...

      ssmpd --help SUBJECT says more about an option, or about one of these:
             \(groups.map(\.subject).joined(separator: ", ")), signals, all

      """
    return HelpPages(
      introduction: introduction, sections + [HelpSection("Signals", subject: "signals", rows: signals, width: 15)])
  }
}

extension Option.Group {
  /// What `--help` calls it.
  var subject: String {
    switch self {
    case .listening: "listening"
    case .certificates: "tls"
    case .times: "times"
    case .limits: "limits"
    case .running: "running"
    }
  }
}

extension Option.Change {
  fileprivate var sentence: String? {
    switch self {
    case .reloadable: "A reload (SIGHUP) puts a changed value in effect."
    case .needsRestart: "A changed value needs a restart."
    case .notASetting: nil
    }
  }
}
