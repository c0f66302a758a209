// Reloading on SIGHUP.

import SSMPCore
import SSMPTransport

/// What a reload has read, whole and checked, on its way to being put in force.
struct Reloaded: Sendable {
  /// The number of reloads that had been asked for when it began.
  var asked = 0
  var rules: LoginRules?
  var context: TLSContext?
  var dates: [TLSDate] = []
  var oddities: [String] = []
}

extension Hub {
  /// Begins to read everything again that can be, on a thread of its own: a large revocation list takes a while, and nobody
  /// is to wait for it. Asked for once more meanwhile, it is done once more.
  func reload() {
    let asked = service?.reloadAsked() ?? 0
    guard secretFile != nil || tls != nil else {
      log.write(.notice, "reload nothing=to-reload")
      service?.reloadEnded(asked, failed: false)
      return
    }
    guard beginReload() else { return }
    do throws(SystemError) {
      let thread = try Thread { [self] in
        repeat { read() } while !endReload()
      }
      thread.detach()
    } catch {
      _ = endReload()
      log.write(.error, "reload failed: \(error)")
      service?.reloadEnded(asked, failed: true)
    }
  }

  /// All or nothing: when anything is wrong, everything old stays in force.
  private func read() {
    let asked = service?.reloadsAsked ?? 0
    do {
      var reloaded = Reloaded(asked: asked)
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
      service?.reloadEnded(asked, failed: true)
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
    for oddity in reloaded.oddities { log.write(.warning, "tls odd because=\(oddity.quoted)") }
    if reloaded.context != nil { tls?.logDates(log) }
    wake(allLoops)
    service?.reloadEnded(reloaded.asked, failed: false)
  }
}
