// How a client gets online.

import Glibc
import SSMPTransport

extension ClientCore {
  /// Tries the servers, from the first one on.
  func beginRound(_ now: UInt64) {
    attempt.server = 0
    attempt.finalError = nil
    attempt.mayGoOn = false
    beginAttempt(now)
  }

  /// Tries the server whose turn it is.
  func beginAttempt(_ now: UInt64) {
    attempt.number += 1
    attempt.count += 1
    attempt.deadline = now + configuration.timeouts.connecting.nanoseconds
    attempt.result = nil
    attempt.lastFailure = "it has no address"
    phase = .preparing
    states.set(.connecting(attempt: attempt.count))
    // Without a credential there is nothing to wait for.
    if let memory = configuration.memory, configuration.login.credential == nil { return connect(to: memory, now) }
    let server = configuration.memory == nil ? configuration.servers[attempt.server] : nil
    let (number, configuration) = (attempt.number, configuration)
    if let preparation = Preparation.immediate(configuration, server) {
      attempt.result = .success(preparation)
      return post()
    }
    do throws(SystemError) {
      try PatientThreads.run { self.prepare(number, configuration, server) }
    } catch {
      attempt.result = .failure(.unreachable("no thread can be had: \(error)"))
      post()
    }
  }

  /// Finds out what an attempt needs, on a thread that may wait.
  private func prepare(_ number: UInt64, _ configuration: Configuration, _ server: ServerAddress?) {
    guard locked({ attempt.number == number }) else { return }
    let result: Result<Preparation, SSMPError>
    do throws(SSMPError) {
      result = .success(try Preparation.make(configuration, server))
    } catch {
      result = .failure(error)
    }
    self.locked {
      // Too late, another attempt may be on its way.
      guard self.attempt.number == number, case .preparing = self.phase else { return }
      self.attempt.result = result
      self.post()
    }
  }

  /// What the attempt is made with, for messages.
  var attemptedServer: String {
    configuration.servers.isEmpty ? "the server" : "\(configuration.servers[attempt.server])"
  }

  /// Goes on when all that is needed is known.
  func takePreparation(_ loop: IOLoop) {
    guard let result = attempt.result else { return }
    attempt.result = nil
    switch result {
    case .failure(let error): fail(error, loop, isLocal: true)
    case .success(let preparation):
      attempt.preparation = preparation
      if let memory = configuration.memory { return connect(to: memory, loop.now) }
      attempt.race = AddressRace(preparation.addresses) { if case .ipv6 = $0 { false } else { true } }
      phase = .racing
      goOnRacing(loop)
    }
  }

  // MARK: TCP

  /// Begins the attempts that are due.
  func goOnRacing(_ loop: IOLoop) {
    while case .racing = phase, let address = attempt.race?.next(now: loop.now) {
      do throws(SystemError) {
        let descriptor = try OutgoingSocket.connect(to: address)
        do throws(SystemError) {
          let token = try loop.watch(descriptor, for: self)
          attempt.runners.append(Attempt.Runner(descriptor: descriptor, token: token, address: address))
        } catch {
          Socket.close(descriptor)
          throw error
        }
      } catch {
        noteFailure("\(address): \(error.reason)", loop)
      }
    }
  }

  private func noteFailure(_ reason: String, _ loop: IOLoop) {
    attempt.lastFailure = reason
    attempt.race?.fail(now: loop.now)
    guard attempt.race?.isLost == true else { return }
    fail(.unreachable("\(attemptedServer): \(attempt.lastFailure)"), loop)
  }

  /// Something has happened to a socket that connects.
  func handleRunner(_ event: PollEvent, _ loop: IOLoop) {
    guard case .racing = phase, let index = attempt.runners.firstIndex(where: { $0.token == event.token }) else {
      return
    }
    let runner = attempt.runners[index]
    if let failure = OutgoingSocket.failure(runner.descriptor) {
      attempt.runners.remove(at: index)
      loop.forget(runner.token)
      Socket.close(runner.descriptor)
      noteFailure("\(runner.address): \(failure.reason)", loop)
      return goOnRacing(loop)
    }
    guard event.isWritable else { return }
    attempt.endRace(loop, winner: runner.token)
    link = Link(runner.descriptor, runner.token)
    link?.readsToEnd = event.mayReadShort
    guard let preparation = attempt.preparation, let context = preparation.tls else { return logIn(loop.now) }
    link?.tls = TLSStream(
      runner.descriptor, context, host: preparation.server?.host, resuming: attempt.session(for: preparation))
    phase = .handshaking
    shake(loop)
  }

  private func connect(to server: any MemoryServer, _ now: UInt64) {
    let number = attempt.number
    link = Link(
      server.connect { bytes in
        self.locked {
          guard self.attempt.number == number, self.link != nil else { return }
          if let bytes { unsafe bytes.withUnsafeBytes { unsafe self.link?.kept.append($0) } }
          if bytes == nil { self.link?.isBroken = true }
          self.link?.mayRead = true
          self.post()
        }
      })
    logIn(now)
  }

  // MARK: TLS

  /// Goes on with the handshake.
  func shake(_ loop: IOLoop) {
    guard let stream = link?.tls else { return }
    switch stream.handshake() {
    case .blocked: break
    case .done:
      link?.mayRead = true
      logIn(loop.now)
    case .failed(let failure):
      let text = "\(attemptedServer): \(stream.rejection ?? failure.description)"
      fail(stream.rejection == nil ? .unreachable(text) : .untrusted(text), loop)
    }
  }

  // MARK: LOGIN

  private func logIn(_ now: UInt64) {
    conversation = Conversation(configuration.timeouts, now: now)
    phase = .loggingIn
    let request = ClientRequest.login(configuration.login, attempt.preparation?.credential)
    conversation.request(request, .login, timeout: .max >> 1, now: now)
  }

  /// The response to LOGIN.
  func loggedIn(_ response: Response, _ loop: IOLoop) {
    guard response.isSuccess else {
      guard response.code == 401 else { return fail(.refused(response), loop) }
      let schemes = response.payload?.description.split(separator: " ").map(String.init) ?? []
      return fail(.loginRefused(schemes: schemes), loop)
    }
    link?.loggedInAt = loop.now
    var requests = 0
    for topic in topics.all.values.sorted(by: { $0.id < $1.id }) {
      subscribe(topic, now: loop.now)
      requests += 1
    }
    phase = .resubscribing(requests)
    if requests == 0 { becomeOnline(loop) }
  }

  /// One of the topics is subscribed to again, or cannot be.
  func resubscribed(_ loop: IOLoop) {
    guard case .resubscribing(let requests) = phase else { return }
    phase = .resubscribing(requests - 1)
    if requests == 1 { becomeOnline(loop) }
  }

  private func becomeOnline(_ loop: IOLoop) {
    phase = .online
    attempt.count = 0
    if history.wasOnline {
      add([.resumed], to: messages)
      tell(taps: .resumed)
    }
    history.wasOnline = true
    states.set(.online)
    if let starter = history.starter {
      resume(starter, .success(Response(code: 200)))
      history.starter = nil
    }
  }
}
