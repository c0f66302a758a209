// Starting the server, and waiting for its end.

import Glibc
import SSMPCore
import SSMPTransport

/// From a configuration to running loops.
enum Server {
  /// The version of the daemon.
  static let version = "0.1.0"

  /// Runs until a signal ends the server.
  ///
  /// - Throws: `ConfigurationError` for whatever keeps the server from starting; nothing is left running then.
  static func run(_ configuration: Configuration, rules: LoginRules, _ material: TLSMaterial?, log: Log) throws {
    SignalSource.ignoreBrokenPipes()
    let descriptors = DescriptorLimit.raise()
    let loops = configuration.loops == 0 ? max(1, min(64, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) : configuration.loops
    let possible = descriptors - Tuning.reservedDescriptors - 3 * loops - AdminServer.reserve(configuration)
    // Not more than one loop has slots for, should it get them all.
    let limit = min(configuration.maxConnections ?? max(1, possible), ClientID.maxSlots)
    let tls = try material.map { try makeTLS($0, configuration, log) }
    let listeners = try listen(configuration)
    let hub: Hub
    let signals: SignalSource
    do throws(SystemError) {
      // Before any thread is started, so that all of them leave signals to the first loop.
      signals = try SignalSource([SIGTERM, SIGINT, SIGHUP, SIGUSR1])
      hub = try Hub(
        settings: Settings(configuration), loops: loops, rules: rules,
        admissions: Admissions(admissionLimits(configuration, total: limit)), log: log,
        secretFile: configuration.secretFile, tls: tls)
    } catch {
      throw ConfigurationError("cannot start: \(error)")
    }
    log.write(
      .notice,
      "server start version=\(version) pid=\(getpid()) loops=\(loops) max-connections=\(limit) descriptors=\(descriptors)"
    )
    if limit > possible {
      log.write(
        .warning, "limits max-connections=\(limit) need=\(limit + descriptors - possible) descriptors=\(descriptors)")
    }
    for oddity in material?.oddities ?? [] { log.write(.warning, oddity) }
    tls?.logDates(log)
    let context = MetricsContext(maxConnections: limit, maxDescriptors: descriptors)
    let admin: AdminServer?
    do throws(ConfigurationError) {
      admin = try AdminServer.make(configuration, hub, context)
    } catch {
      for listener in listeners { listener.socket.close() }
      throw error
    }
    announce(listeners, log)
    try admin?.start()
    try start(hub, signals, listeners)
    admin?.stop()
    log.write(.notice, "server end")
  }

  private static func listen(_ configuration: Configuration) throws(ConfigurationError) -> [Acceptor.Listener] {
    var listeners: [Acceptor.Listener] = []
    for setting in configuration.listeners {
      do throws(SystemError) {
        let socket = try ListeningSocket(setting.address)
        listeners.append(
          Acceptor.Listener(socket: socket, schemes: configuration.schemes(of: setting), isTLS: setting.isTLS))
      } catch {
        for listener in listeners { listener.socket.close() }
        throw ConfigurationError("--listen: '\(setting.text.printable)' cannot be used: \(error)")
      }
    }
    return listeners
  }

  private static func admissionLimits(_ configuration: Configuration, total: Int) -> Admissions.Limits {
    let usual = Tuning.waitingPerAddress
    let waiting = configuration.maxWaitingPerAddress ?? min(max(total / 4, usual.lowerBound), usual.upperBound)
    return Admissions.Limits(
      total: total, perAddress: configuration.maxConnectionsPerAddress, waitingPerAddress: waiting)
  }

  private static func makeTLS(
    _ material: TLSMaterial, _ configuration: Configuration, _ log: Log
  ) throws(ConfigurationError) -> ServerTLS {
    let file = configuration.ticketKeysFile
    let tickets: TicketKeys
    do throws(TLSError) {
      tickets = try TicketKeys(path: file) { log.write(.warning, "tls ticket-keys file=\(file ?? "-") \($0)") }
    } catch {
      throw SettingFile.fault("--ticket-keys", file ?? "", "\(error)")
    }
    do throws(TLSError) {
      return try ServerTLS(material, tickets: tickets)
    } catch {
      throw SettingFile.fault("--cert", material.files.certificate, "cannot be used: \(error)")
    }
  }

  private static func announce(_ listeners: [Acceptor.Listener], _ log: Log) {
    for listener in listeners {
      let names = listener.schemes.schemes.map(\.name.description).joined(separator: ",")
      let address = listener.socket.address
      log.write(.notice, "listen address=\(ListenSetting.describe(address, isTLS: listener.isTLS)) auth=\(names)")
      if listener.schemes.offers(.open), !address.isLocal {
        log.write(
          .warning,
          "listen address=\(ListenSetting.describe(address, isTLS: listener.isTLS)) "
            + "anybody who can connect may log in as anybody")
      }
    }
  }

  private static func start(_ hub: Hub, _ signals: SignalSource, _ listeners: [Acceptor.Listener]) throws {
    var threads: [Thread] = []
    for index in 1..<max(1, hub.loops) {
      threads.append(try Thread { serve(index, hub, nil, []) })
    }
    serve(0, hub, signals, listeners)
    for thread in threads { thread.join() }
  }

  private static func serve(_ index: Int, _ hub: Hub, _ signals: SignalSource?, _ listeners: [Acceptor.Listener]) {
    do throws(SystemError) {
      var loop = try EventLoop.make(index: index, hub: hub, signals: signals, listeners: listeners)
      loop.run()
    } catch {
      // A server with a loop missing would serve some clients and not others.
      hub.log.write(.error, "server cannot run loop=\(index): \(error)")
      exit(1)
    }
  }
}
