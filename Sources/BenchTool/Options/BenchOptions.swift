// All settings of a run.

import CommandLineTools

/// What the command line asks for.
struct BenchOptions: Sendable {
  enum Action: Equatable {
    case run
    /// About this option or group of options; `nil` for all of them.
    case help(String?)
  }

  enum Authentication: String, CaseIterable { case open, secret, cert }

  var action = Action.run
  var scenario = Scenario.multicast
  var target: Target?
  var connections: Int?
  var publishers = 1
  var subscribers = 100
  var topics: Int?
  var churners = 4
  var loops = 1
  /// Messages per second; `nil` for a window instead.
  var rate: Int?
  var window: Int?
  var size = 100
  var duration: UInt64 = 5000
  var count: Int?
  var warmup: UInt64?
  var authentication = Authentication.open
  var secretFile: String?
  var user = "bench"
  var authoritiesFile: String?
  var certificateFile: String?
  var keyFile: String?
  var resumes = false
  var serverProcess: Int?
  var sources = 1
  var spins = false
  var printsJSON = false

  /// The number of connections, as asked for or as the scenario has it.
  var connectionCount: Int { connections ?? scenario.connections }
  /// The number of topics, as asked for or as the scenario has it.
  var topicCount: Int { topics ?? (scenario == .mixed ? 10 : 1) }
  /// The messages that a sender may have on the way.
  var windowSize: Int {
    switch scenario {
    case .presence: window ?? 16
    case .idle: 1
    default: window ?? 256
    }
  }
  /// The time before anything is counted; none where messages are.
  var warmupTime: UInt64 {
    if let warmup { return warmup }
    return count != nil || scenario == .idle ? 0 : min(500, duration)
  }

  /// Checks what cannot be seen from one option alone.
  func validate() throws(OptionError) {
    guard rate == nil || window == nil else { throw OptionError("--rate and --window exclude each other; give one") }
    guard rate == nil || ![.presence, .idle].contains(scenario) else {
      throw OptionError("--rate: \(scenario.rawValue) has none; give --window or nothing")
    }
    guard count == nil || warmup == nil else {
      throw OptionError("--warmup: with --count everything is counted; give --duration instead")
    }
    if authentication == .secret, secretFile == nil {
      throw OptionError("--auth secret wants the secret: --secret-file FILE")
    }
    if authentication == .cert, certificateFile == nil {
      throw OptionError("--auth cert wants a certificate: --cert FILE --key FILE")
    }
    guard (certificateFile == nil) == (keyFile == nil) else { throw OptionError("--cert and --key go together") }
    if let target, !target.usesTLS, certificateFile != nil || authoritiesFile != nil {
      throw OptionError("--cert, --key and --cacert are for tls://, and '\(target.text.printable)' speaks none")
    }
    if resumes {
      guard scenario == .connect else {
        throw OptionError("--resume: \(scenario.rawValue) connects once; give connect")
      }
      guard target?.usesTLS == true else { throw OptionError("--resume: there are no sessions without tls://") }
    }
    try validateNumbers()
  }

  private func validateNumbers() throws(OptionError) {
    let least = [.connect, .idle].contains(scenario) ? 1 : 2
    guard scenario == .multicast || connectionCount >= least else {
      throw OptionError("--connections: \(scenario.rawValue) wants at least \(least)")
    }
    if scenario == .presence, churners >= connectionCount {
      throw OptionError("--churners: \(churners) of \(connectionCount) connections leave nobody to watch them")
    }
    if scenario == .broadcast, publishers > connectionCount {
      throw OptionError("--publishers: \(publishers) are more than --connections \(connectionCount)")
    }
    if scenario == .multicast || scenario == .broadcast || scenario == .mixed {
      let members = scenario == .multicast ? subscribers : connectionCount / 2
      guard topicCount <= members else {
        throw OptionError("--topics: \(topicCount) topics would leave some without a recipient")
      }
    }
  }
}
