// Reloading on SIGHUP.

import SSMPCore
import SSMPTransport

/// What a reload has read, whole and checked, on its way to being put in force.
struct Reloaded: Sendable {
  var rules: LoginRules?
  var access: AccessRules?
  var context: TLSContext?
  var dates: [TLSDate] = []
  var oddities: [String] = []
}

extension Hub {
  /// Begins to read everything again that can be, on a thread of its own: a large revocation list takes a while, and nobody
  /// is to wait for it. Asked for once more meanwhile, it is done once more.
  func reload() {
    guard secretFile != nil || accessFile != nil || tls != nil else {
      return log.write(.notice, "reload nothing=to-reload")
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
    }
  }

  /// All or nothing: when anything is wrong, everything old stays in force.
  private func read() {
    do {
      var reloaded = Reloaded()
      if let secretFile { reloaded.rules = LoginRules(secret: try SecretFile.read(secretFile, mayWait: false)) }
      if let accessFile { reloaded.access = try AccessFile.read(accessFile, mayWait: false) }
      if let tls {
        let material = try tls.files.read(mayWait: false, intermediates: tls.intermediates)
        reloaded.context = try material.context(tls.tickets)
        reloaded.dates = material.dates
        reloaded.oddities = material.oddities
      }
      post(reloaded)
    } catch {
      log.write(.error, "reload failed: \(error)")
    }
  }

  /// Puts in force what a reload has read. For the first loop, whose signals ask for reloads.
  func apply(_ reloaded: Reloaded) {
    var what = ""
    if let rules = reloaded.rules {
      withRegistry { $0.rules = rules }
      what += " secret-file=ok"
    }
    if let access = reloaded.access {
      withRegistry { $0.replaceAccess(access) }
      what += " access=ok"
    }
    if let tls, let context = reloaded.context {
      tls.replace(context, reloaded.dates)
      what += " certificates=ok"
    }
    log.write(.notice, "reload\(what)")
    for oddity in reloaded.oddities { log.write(.warning, "tls odd because=\(oddity.quoted)") }
    if reloaded.context != nil { tls?.logDates(log) }
    wake(allLoops)
  }
}
