// Reloading on SIGHUP.

import SSMPCore

extension Hub {
  /// Reads the secret file again. The old secret stays in force when anything is wrong with the new one.
  func reload() {
    guard let secretFile else { return log.write(.notice, "reload nothing=to-reload") }
    do {
      let rules = LoginRules(secret: try SecretFile.read(secretFile, mayWait: false))
      withRegistry { $0.rules = rules }
      log.write(.notice, "reload secret-file=ok")
    } catch {
      log.write(.error, "reload failed: \(error)")
    }
  }
}
