// Reloading on SIGHUP.

import SSMPCore
import SSMPTransport

/// What a reload has read, whole and checked, on its way to being put in force.
struct Reloaded: Sendable {
  /// The number of reloads that had been asked for when it began.
  var asked: Int
  /// The settings, with the old values of those that only a restart changes.
  var configuration: Configuration
  /// The names of the settings that are not as they were, and of those that need a restart for that.
  var changed: [String]
  var needsRestart: [String]
  var rules: LoginRules
  /// The access rules; `nil` if there are none.
  var access: AccessRules?
  /// Certificates for each loop; `nil` where there are none.
  var contexts: [TLSContext]?
  /// What they are made of, and what is odd about it.
  var material: ServerTLS.Material?
  var oddities: [String] = []
  /// What is odd about other files.
  var fileOddities: [String] = []
  /// The askers that wait for the result.
  var askers: [ReloadAsker] = []
}

extension Reloaded {
  /// What has been read and what has changed; and in a second line what needs a restart, if anything does.
  fileprivate var summary: [String] {
    var what: [String] = []
    if configuration.configFile != nil { what.append("config=ok") }
    if configuration.secretFile != nil { what.append("secret-file=ok") }
    if configuration.accessFile != nil { what.append("access=ok") }
    if contexts != nil { what.append("certificates=ok") }
    if !changed.isEmpty { what.append("changed=\"\(changed.joined(separator: ", "))\"") }
    let restart = needsRestart.isEmpty ? [] : ["needs-restart=\"\(needsRestart.joined(separator: ", "))\""]
    return [what.joined(separator: " ")] + restart
  }
}

/// Is told what became of a reload that it has asked for: what was read, or what is wrong.
typealias ReloadAsker = @Sendable (Result<[String], ReloadFailure>) -> Void

/// Why a reload has changed nothing, in one line.
struct ReloadFailure: Error {
  let description: String
}

extension Hub {
  /// Begins to read again everything that can be read again. A thread of its own does that: a large
  /// revocation list takes a while, and no loop may wait for it. If another reload is asked for
  /// meanwhile, everything is read once more.
  ///
  /// - Parameter asker: is told the result of a reload that began after it asked.
  func reload(for asker: ReloadAsker? = nil) {
    let asked = service?.reloadAsked() ?? 0
    let configuration = configurationInForce
    let files = [configuration.configFile, configuration.secretFile?.path, configuration.accessFile]
    guard tls != nil || files.contains(where: { $0 != nil }) else {
      log.write(.notice, "reload nothing=to-reload")
      reloadStatus.note(isGood: true)
      service?.reloadEnded(asked, failed: false)
      asker?(.success(["nothing=to-reload"]))
      return
    }
    if let asker { addReloadAsker(asker) }
    guard beginReload() else { return }
    do throws(SystemError) {
      let thread = try Thread { [self] in
        repeat { read() } while !endReload()
      }
      thread.detach()
    } catch {
      // Also when another one has been asked for meanwhile: a later one will find out whether there are threads again.
      while !endReload() {}
      fail("\(error)", asked, takeReloadAskers())
    }
  }

  /// All or nothing: when anything is wrong, everything old stays in force.
  private func read() {
    let asked = service?.reloadsAsked ?? 0
    let askers = takeReloadAskers()
    var reading = FileReading(.reload)
    do {
      let (configuration, needsRestart) = try readConfiguration(&reading)
      var reloaded = try configuration.locating {
        var reloaded = Reloaded(
          asked: asked, configuration: configuration, changed: configuration.changes(from: configurationInForce),
          needsRestart: needsRestart, rules: try LoginRules(configuration, &reading),
          access: try AccessFile.rules(configuration, &reading))
        if let tls, let files = try configuration.tlsFiles() {
          let material = try files.read(&reading, intermediates: tls.intermediates)
          reloaded.contexts = try tls.contexts(material)
          try material.refuseWorse(than: tls.material)
          reloaded.material = ServerTLS.Material(material)
          reloaded.oddities = material.oddities
        }
        try reading.finish()
        return reloaded
      }
      reloaded.askers = askers
      reloaded.fileOddities = reading.oddities
      post(reloaded)
    } catch {
      fail("\(error)", asked, askers)
    }
  }

  /// A reload has changed nothing.
  private func fail(_ reason: String, _ asked: Int, _ askers: [ReloadAsker]) {
    log.write(.error, "reload failed: \(reason)")
    reloadStatus.note(isGood: false)
    service?.reloadEnded(asked, failed: true)
    for asker in askers { asker(.failure(ReloadFailure(description: reason))) }
  }

  /// Reads the settings. Keeps the old values of settings that need a restart, and returns their
  /// names.
  private func readConfiguration(_ reading: inout FileReading) throws -> (Configuration, needsRestart: [String]) {
    var configuration = try sources.read(&reading)
    try configuration.locating {
      // First: of a file that was cut off it says what is missing.
      try configuration.refuseLosing(of: configurationInForce)
      // What a start would refuse is wrong, whatever stays in force.
      try configuration.validate()
    }
    let kept = configuration.keepUntilRestart(of: configurationInForce)
    try configuration.locating {
      do throws(ConfigurationError) {
        try configuration.validate()
      } catch {
        throw error.adding("; until a restart the old value of \(kept.joined(separator: ", ")) is in force")
      }
    }
    return (configuration, kept)
  }

  /// Puts in effect what a reload has read. To be called by the first loop: it gets the signals
  /// that ask for reloads, and also gives listeners their schemes (`Acceptor.offer`).
  func apply(_ reloaded: Reloaded) {
    let configuration = reloaded.configuration
    let limits = ConnectionLimits(configuration, loops: loops, descriptors: DescriptorLimit.raise())
    withRegistry {
      $0.rules = reloaded.rules
      $0.replaceAccess(reloaded.access)
      $0.maxClients = limits.admissions.total
    }
    publish(Settings(configuration))
    admissions.change(limits.admissions)
    if let tls, let contexts = reloaded.contexts, let material = reloaded.material { tls.replace(contexts, material) }
    log.change(to: configuration.logLevel) { write(reloaded, limits) }
    reloadStatus.note(isGood: true)
    let lines = reloaded.summary
    for asker in reloaded.askers { asker(.success(lines)) }
    wake(allLoops)
    service?.reloadEnded(reloaded.asked, failed: false)
  }

  private func write(_ reloaded: Reloaded, _ limits: ConnectionLimits) {
    let lines = reloaded.summary
    log.write(.notice, "reload\(lines[0].isEmpty ? "" : " ")\(lines[0])")
    for line in lines.dropFirst() { log.write(.warning, "reload \(line)") }
    if reloaded.changed.contains("max-connections") { limits.warn(log) }
    for oddity in reloaded.fileOddities { log.write(.warning, "config odd because=\(oddity.quoted)") }
    for oddity in reloaded.oddities { log.write(.warning, "tls odd because=\(oddity.quoted)") }
    if reloaded.contexts != nil { tls?.logDates(log) }
  }
}
