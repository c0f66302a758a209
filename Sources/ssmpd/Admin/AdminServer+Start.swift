// The admin socket and the port for metrics, as they are configured.

import CommandLineTools
import SSMPTransport

extension AdminServer {
  /// The descriptors that clients must leave.
  static func reserve(_ configuration: Configuration) -> Int {
    configuration.admin == nil && configuration.metrics == nil ? 0 : descriptors
  }

  /// Listens where the configuration says; `nil` when it names neither.
  static func make(
    _ configuration: Configuration, _ hub: Hub, _ context: MetricsContext
  ) throws(ConfigurationError) -> AdminServer? {
    let admin = try configuration.admin.map { path throws(ConfigurationError) in
      try listen(.unix(path), "admin", path)
    }
    let metrics: ListeningSocket?
    do throws(ConfigurationError) {
      metrics = try configuration.metrics.map { setting throws(ConfigurationError) in
        try listen(setting.address, "metrics", setting.text)
      }
    } catch {
      admin?.close()
      throw error
    }
    guard admin != nil || metrics != nil else { return nil }
    if let admin { hub.log.write(.notice, "admin listen path=\("\(admin.address)".quoted)") }
    if let metrics { hub.log.write(.notice, "admin listen metrics=tcp://\(metrics.address)") }
    do throws(SystemError) {
      return try AdminServer(hub: hub, context: context, admin: admin, metrics: metrics)
    } catch {
      admin?.close()
      metrics?.close()
      throw ConfigurationError("cannot start: \(error)")
    }
  }

  private static func listen(
    _ address: SocketAddress, _ setting: String, _ text: String
  ) throws(ConfigurationError) -> ListeningSocket {
    do throws(SystemError) {
      return try ListeningSocket(address, isPrivate: true)
    } catch {
      throw ConfigurationError(setting: setting, "'\(text.printable)' cannot be used: \(error)")
    }
  }
}
