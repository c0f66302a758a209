// The man page, made of the table of options.

import CommandLineTools

/// What `ssmp-bench --help man` prints: the source of ssmp-bench.1.
enum BenchManual {
  /// The page.
  static var text: String {
    var page = ManualPage(
      "ssmp-bench", description: "load a server for SSMP and measure what it does",
      synopsis: ["SCENARIO [OPTION]... [tls://]ADDRESS:PORT | tcp://ADDRESS:PORT | unix:PATH", "`--help` [NAME]"])
    page.section("Description")
    page.paragraphs([
      "`ssmp-bench` connects clients to a server, sends messages in one of the scenarios below, and prints throughput, latency "
        + "and what the server consumed. It checks that each message arrives once and in order.",
      "A server is loaded as far as it goes: do not measure one that others need.",
    ])
    page.section("Scenarios")
    page.list(Scenario.allCases.map { ($0.rawValue, [$0.help + "."]) })
    page.section("Options")
    for (title, options) in [
      ("Load:", BenchOptions.load), ("Login:", BenchOptions.login), ("Running:", BenchOptions.running),
    ] {
      page.paragraphs([title])
      page.options(options)
    }
    page.section("Exit status")
    page.list([
      ("0", ["Done."]), ("1", ["Messages were lost, came twice or out of order, or requests were refused."]),
      ("2", ["Wrong options."]), ("3", ["The run could not be done."]),
    ])
    page.section("Examples")
    page.example([
      "ssmp-bench multicast --server-pid $(pidof ssmpd) tcp://127.0.0.1:8787",
      "ssmp-bench unicast --connections 100 --rate 10000 tcp://127.0.0.1:8787",
    ])
    page.section("See also")
    page.paragraphs(["ssmp(1), ssmpd(8), /usr/share/doc/ssmp-tools/bench.md"])
    return page.text
  }
}
