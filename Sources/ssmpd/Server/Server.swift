// Starting the server, and waiting for its end.

import CommandLineTools
import Glibc
import SSMPCore
import SSMPTransport

/// From a configuration to running loops.
enum Server {
  /// The version of the daemon.
  static let version = ProductVersion.text

  /// Runs until a signal ends the server.
  ///
  /// - Throws: `ConfigurationError` for whatever keeps the server from starting; nothing is left running then. What is only
  ///   found out when threads run, such as that there can be no more of them, ends the process with code 1.
  static func run(
    _ configuration: Configuration, _ sources: ConfigurationSources, rules: LoginRules, _ access: AccessRules?,
    _ material: TLSMaterial?, _ shortcuts: TLSShortcuts, oddities: [String], systemd: SystemdEnvironment, log: Log
  ) throws {
    SignalSource.ignoreBrokenPipes()
    let loops = configuration.loops == 0 ? max(1, min(64, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) : configuration.loops
    let limits = ConnectionLimits(configuration, loops: loops, descriptors: DescriptorLimit.raise())
    let tls = try material.map { try makeTLS($0, configuration, loops: loops, shortcuts, log) }
    let service = try systemd.notifySocket.map {
      try ServiceReporter(address: $0, watchdog: systemd.watchdog, loops: loops, log: log)
    }
    let listeners = try listen(configuration, systemd)
    let hub: Hub
    let signals: SignalSource
    do throws(SystemError) {
      // Before any thread is started, so that all of them leave signals to the first loop.
      signals = try SignalSource([SIGTERM, SIGINT, SIGHUP, SIGUSR1])
      hub = try Hub(
        configuration: configuration, sources: sources, loops: loops, rules: rules, access: access,
        admissions: Admissions(limits.admissions), log: log, tls: tls, service: service)
    } catch {
      for listener in listeners { listener.socket.close() }
      throw ConfigurationError("cannot start: \(error)")
    }
    log.write(
      .notice,
      "server start version=\(version) pid=\(getpid()) loops=\(loops) "
        + "max-connections=\(limits.admissions.total) descriptors=\(limits.descriptors)")
    limits.warn(log)
    for oddity in oddities { log.write(.warning, "config odd because=\(oddity.quoted)") }
    for oddity in material?.oddities ?? [] { log.write(.warning, "tls odd because=\(oddity.quoted)") }
    tls?.logDates(log)
    let context = MetricsContext(maxDescriptors: limits.descriptors)
    let admin: AdminServer?
    do throws(ConfigurationError) {
      admin = try AdminServer.make(configuration, hub, context)
    } catch {
      for listener in listeners { listener.socket.close() }
      throw error
    }
    for listener in listeners { listener.announce(log) }
    do throws(SystemError) {
      try serve(hub, signals, listeners, admin, service)
    } catch {
      log.write(.error, "server failed because=\("\(error)".quoted)")
      log.finish()
      exit(1)
    }
    log.write(.notice, "server end")
    log.finish()
  }

  /// Has all threads run, until a signal has ended the loops.
  private static func serve(
    _ hub: Hub, _ signals: SignalSource, _ listeners: [Acceptor.Listener], _ admin: AdminServer?,
    _ service: ServiceReporter?
  ) throws(SystemError) {
    try admin?.start()
    var reporting: Thread?
    if let service { reporting = try report(service, hub) }
    try start(hub, signals, listeners)
    service?.end()
    reporting?.join()
    admin?.stop()
  }

  private static func listen(
    _ configuration: Configuration, _ systemd: SystemdEnvironment
  ) throws(ConfigurationError) -> [Acceptor.Listener] {
    var listeners: [Acceptor.Listener] = []
    do throws(ConfigurationError) {
      var inherited = try InheritedSockets(systemd.handovers)
      var taken: [[ListeningSocket]] = []
      for (number, setting) in configuration.listeners.enumerated() {
        taken.append(try take(setting, number, &inherited))
      }
      // Before anything is bound: a socket that is left over may be what an address is in use by.
      try inherited.expectNone()
      for (number, setting) in configuration.listeners.enumerated() {
        for socket in taken[number].isEmpty ? [try bind(setting, number)] : taken[number] {
          listeners.append(
            Acceptor.Listener(
              socket: socket, setting: number, schemes: configuration.schemes(of: setting), isTLS: setting.isTLS))
        }
      }
    } catch {
      for listener in listeners { listener.socket.close() }
      throw error
    }
    return listeners
  }

  /// The sockets that systemd hands over for one `--listen`: several where they have one name, none where the setting gives
  /// an address that none of them has.
  private static func take(
    _ setting: ListenSetting, _ number: Int, _ inherited: inout InheritedSockets
  ) throws(ConfigurationError) -> [ListeningSocket] {
    switch setting.place {
    case .systemd(let name, let isLocal):
      return try inherited.take(named: name, isLocal: isLocal, for: setting, number)
    case .address(let address):
      return inherited.take(address).map { [$0] } ?? []
    }
  }

  /// Binds the socket of one `--listen` that gives an address.
  private static func bind(
    _ setting: ListenSetting, _ number: Int
  ) throws(ConfigurationError) -> ListeningSocket {
    guard case .address(let address) = setting.place else { preconditionFailure("a socket of systemd's is missing") }
    do throws(SystemError) {
      return try ListeningSocket(address)
    } catch {
      throw ConfigurationError(
        setting: "listen", occurrence: number, "'\(setting.text.printable)' cannot be used: \(error)")
    }
  }

  private static func makeTLS(
    _ material: TLSMaterial, _ configuration: Configuration, loops: Int, _ shortcuts: TLSShortcuts, _ log: Log
  ) throws(ConfigurationError) -> ServerTLS {
    let file = configuration.ticketKeysFile
    let tickets: TicketKeys
    do throws(TLSError) {
      tickets = try TicketKeys(path: file) {
        log.write(.warning, "tls ticket-keys file=\((file ?? "-").logged) because=\("\($0)".quoted)")
      }
    } catch {
      throw SettingFile.fault("ticket-keys", file ?? "", "\(error)")
    }
    return try ServerTLS(material, tickets: tickets, loops: loops, shortcuts: shortcuts)
  }

  /// Starts the thread that reports to systemd.
  private static func report(_ service: ServiceReporter, _ hub: Hub) throws(SystemError) -> Thread {
    try Thread(named: "ssmpd/systemd") {
      do throws(SystemError) {
        try service.run(connections: { hub.admissions.count }, wakeLoops: { hub.wake(hub.allLoops) })
      } catch {
        hub.log.write(.error, "server failed thread=systemd because=\("\(error)".quoted)")
        hub.log.finish()
        exit(1)
      }
    }
  }

  private static func start(
    _ hub: Hub, _ signals: SignalSource, _ listeners: [Acceptor.Listener]
  ) throws(SystemError) {
    var threads: [Thread] = []
    for index in 1..<max(1, hub.loops) {
      threads.append(try Thread(named: "ssmpd/loop\(index)") { serve(index, hub, nil, []) })
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
      hub.log.write(.error, "server failed loop=\(index) because=\("\(error)".quoted)")
      hub.log.finish()
      exit(1)
    }
  }
}
