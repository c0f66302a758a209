// Reloading on SIGHUP.

import SSMPCore
import SSMPTransport

/// What a reload has read, whole and checked, on its way to being put in force.
struct Reloaded: Sendable {
  var rules: LoginRules?
  var context: TLSContext?
  var dates: [TLSDate] = []
  var oddities: [String] = []
  /// Who waits for the result.
  var askers: [ReloadAsker] = []
}

/// Who has asked for a reload, and is told what became of it: what was read, or what is wrong.
typealias ReloadAsker = @Sendable (Result<String, ConfigurationError>) -> Void

extension Hub {
  /// Begins to read everything again that can be, on a thread of its own: a large revocation list takes a while, and nobody
  /// is to wait for it. Asked for once more meanwhile, it is done once more.
  ///
  /// - Parameter asker: is told the result, of a reload that has not begun before it asked.
  func reload(for asker: ReloadAsker? = nil) {
    guard secretFile != nil || tls != nil else {
      log.write(.notice, "reload nothing=to-reload")
      asker?(.success("nothing=to-reload"))
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
      _ = endReload()
      log.write(.error, "reload failed: \(error)")
      for asker in takeReloadAskers() { asker(.failure(ConfigurationError("\(error)"))) }
    }
  }

  /// All or nothing: when anything is wrong, everything old stays in force.
  private func read() {
    let askers = takeReloadAskers()
    do {
      var reloaded = Reloaded(askers: askers)
      if let secretFile { reloaded.rules = LoginRules(secret: try SecretFile.read(secretFile, mayWait: false)) }
      if let tls {
        let material = try tls.files.read(mayWait: false, intermediates: tls.intermediates)
        reloaded.context = try material.context(tls.tickets)
        reloaded.dates = material.dates
        reloaded.oddities = material.oddities
      }
      post(reloaded)
    } catch {
      log.write(.error, "reload failed: \(error)")
      for asker in askers { asker(.failure(ConfigurationError("\(error)"))) }
    }
  }

  /// Puts in force what a reload has read. For the first loop, whose signals ask for reloads.
  func apply(_ reloaded: Reloaded) {
    var what = ""
    if let rules = reloaded.rules {
      withRegistry { $0.rules = rules }
      what += " secret-file=ok"
    }
    if let tls, let context = reloaded.context {
      tls.replace(context, reloaded.dates)
      what += " certificates=ok"
    }
    log.write(.notice, "reload\(what)")
    for asker in reloaded.askers { asker(.success(String(what.dropFirst()))) }
    for oddity in reloaded.oddities { log.write(.warning, oddity) }
    if reloaded.context != nil { tls?.logDates(log) }
    wake(allLoops)
  }
}
