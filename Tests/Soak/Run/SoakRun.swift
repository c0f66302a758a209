// One run with one number of loops.

import FuzzHarness
import Glibc
import SSMPTransport

/// Starts everything, leads it through rounds of chaos and quiet, and collects what was found.
final class SoakRun {
  let loops: Int
  let options: SoakOptions
  let server: ServerUnderTest
  let shared: Shared
  let bystanders: Bystanders
  var operatorWork: Operator
  var random: Chance
  private let deadline: UInt64
  private var threads: [Thread] = []
  var rounds = 0
  var restarts = 0
  var memory = MemoryWatch()
  /// Readers that limits have closed.
  var closedReaders: [String: Int] = [:]

  init(loops: Int, seconds: Double, folder: String, _ options: SoakOptions) throws {
    (self.loops, self.options) = (loops, options)
    random = Chance(seed: options.seed &+ UInt64(loops) &* 7919)
    let files = try ServerFiles(folder: folder, groups: options.groups, loops: loops)
    server = try ServerUnderTest(binary: options.binary, files: files)
    shared = Shared(groups: options.groups)
    bystanders = Bystanders(shared, plain: server.plain)
    operatorWork = try Operator(server)
    deadline = MonotonicTime.nanoseconds() + UInt64(seconds * 1e9)
  }

  /// Runs; returns what was found, or `nil`.
  func run() -> [String]? {
    do {
      try startServer()
      // Nobody has come yet: the bystanders, who always come, add one each.
      memory.begin(descriptors: server.descriptors + Bystanders.count)
      try startThreads()
      while MonotonicTime.nanoseconds() < deadline { try round() }
      try end()
    } catch let finding as Finding {
      shared.fail(finding.lines)
    } catch {
      shared.fail(["the run could not go on: \(error)"])
    }
    let view = shared.failure == nil ? [] : serverView
    shared.give(.end)
    bystanders.end()
    for thread in threads { thread.join() }
    server.killNow()
    ChildGuard.pid = 0
    return shared.failure.map { $0 + view }
  }

  /// What the server says of itself and of the clients concerned.
  private var serverView: [String] {
    guard server.isRunning else { return ["the server is not running, its status is \(server.status)"] }
    let questions = ["stats"] + shared.concerned.filter { $0 != "." }.map { "connection \($0)" }
    return questions.flatMap { ["admin: \($0)"] + (server.admin($0) ?? ["no answer"]).map { "  \($0)" } }
  }

  private func startThreads() throws {
    let authorities = try Certificate.parse(pem: Array(server.files.authority.certificatePEM.utf8))
    for number in 0..<options.groups {
      let device = try server.files.authority.device(Group.names(number).certificateName)
      let targets = Targets(
        plain: server.plain, tls: server.tls, unix: server.unix,
        proven: try TLSClientContext(
          authorities: authorities, chain: try Certificate.parse(pem: Array(device.certificatePEM.utf8)),
          key: try PrivateKey(pem: Array(device.keyPEM.utf8))),
        unproven: try TLSClientContext(authorities: authorities))
      let (shared, limits, seed) = (shared, options.limits, random.next())
      threads.append(
        try Thread(named: "group-\(number)") {
          do {
            try Group(number, seed: seed, targets: targets, shared: shared, limits: limits).run()
          } catch {
            shared.fail(["group \(number) cannot run: \(error)"])
          }
        })
    }
    let (bystanders, seed) = (bystanders, random.next())
    threads.append(try Thread(named: "bystanders") { bystanders.run(seed: seed) })
  }

  /// Chaos, and then a quiet moment in which everything must be exact.
  ///
  /// Most rounds are short: a wake-up that is lost shows only in a quiet moment, since whatever comes next wakes the server.
  private func round() throws {
    rounds += 1
    shared.give(.chaos)
    let isShort = !random.once(in: 4)
    let start = MonotonicTime.nanoseconds()
    let until = start + UInt64(isShort ? 100 + random.below(1000) : 2000 + random.below(4000)) * 1_000_000
    var restartsAt = !isShort && random.once(in: 3) ? start + UInt64(random.below(3000)) * 1_000_000 : .max
    while MonotonicTime.nanoseconds() < until {
      try checkProgress()
      if MonotonicTime.nanoseconds() >= restartsAt {
        restartsAt = .max
        try restart()
      }
      if !isShort, random.once(in: 3) { try operatorWork.act(&random) }
      usleep(UInt32(random.below(isShort ? 50_000 : 500_000)))
    }
    try quiet()
    if random.once(in: 8) { try everybodyLeaves() }
  }

  /// Takes notice of failures elsewhere.
  func checkProgress() throws {
    if shared.failure != nil { throw Finding() }
    guard server.isRunning else { throw Finding("the server has ended by itself, with status \(server.status)") }
    try explainEnds()
  }

  /// What the groups do not understand, the log must explain: by a limit, or by a LOGIN that came late.
  private func explainEnds() throws {
    for end in shared.takeUnexplained() {
      var lines: [Substring] = []
      try? waitUntil("the log tells of the end", seconds: 2) {
        lines = server.log.split(separator: "\n").filter { $0.contains("close reason=") && $0.contains(" \(end.key) ") }
        return lines.contains { reason(in: $0, for: end) != nil }
      }
      guard let reason = lines.lazy.compactMap({ self.reason(in: $0, for: end) }).last else {
        let sent = end.loginSent.map { "; LOGIN was sent \($0) ms after it had connected" } ?? ""
        shared.fail(
          ["a connection was ended for no reason that its client knows\(sent); the log says of \(end.key):"]
            + lines.suffix(5).map(String.init) + end.report)
        throw Finding()
      }
      closedReaders[reason, default: 0] += 1
    }
  }

  /// A reason in the log for which a client may be closed that reads and says what it should.
  private func reason(in line: Substring, for end: UnexplainedEnd) -> String? {
    if line.contains("reason=login-timeout ") {
      // What had been sent long before the time was up lay in the kernel when the server judged.
      let isImpatient = shared.loginTimeout < 10_000
      return isImpatient || end.loginSent.map { $0 > shared.loginTimeout / 2 } ?? true ? "login-timeout" : nil
    }
    return ["pending-limit", "total-pending-limit", "write-timeout"].first { line.contains("reason=\($0) ") }
  }

  private func end() throws {
    try checkProgress()
    try everybodyLeaves()
    bystanders.interrupt(true)
    server.signal(SIGTERM)
    try server.waitForEnd(seconds: 20)
  }

  var logPath: String { server.logPath }
  var describeServer: String { server.hasTinySteps ? "with tiny steps" : "as it is" }
}
