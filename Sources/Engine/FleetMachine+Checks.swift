import FleetModel
import Resilience

// Health checks and synthetic probes: the first never count as traffic, the second are traffic.
extension FleetMachine {
  /// Checks and probes start with the first verdict on the connection: a server that is still
  /// starting is neither well nor ill.
  mutating func beginChecks(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard !servers[number].hasVerdict else { return }
    servers[number].hasVerdict = true
    timers.set(.check(number), at: now)
    beginProbes(of: number, at: now, using: &random)
  }

  mutating func beginProbes(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    for (index, probe) in servers[number].definition.probes.enumerated() {
      timers.set(
        .probe(server: number, probe: index),
        at: now + random.fraction(of: min(probe.interval, .seconds(1))))
    }
  }

  mutating func beginCheck(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    timers.set(
      .check(number), at: now + servers[number].health.nextInterval(using: &random))
    guard servers[number].checkStartedAt == nil else { return }
    // It would say how another server is.
    guard !servers[number].isImpersonated else { return }
    guard checksUnderWay < Self.checkLimit else {
      if !waitingChecks.contains(number) { waitingChecks.append(number) }
      return
    }
    checksUnderWay += 1
    servers[number].checkStartedAt = now
    servers[number].health.began(at: timestamp(now))
    let definition = servers[number].definition
    timers.set(.checkTimeout(number), at: now + definition.policies.health.timeout)
    effects.append(
      .check(definition, knownEra: servers[number].info, servers[number].pool.anyOpen()))
  }

  /// Checks of the whole fleet at once.
  static let checkLimit = 64

  mutating func checkEnded(
    at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    checksUnderWay -= 1
    guard !waitingChecks.isEmpty else { return }
    beginCheck(of: waitingChecks.removeFirst(), at: now, using: &random)
  }

  mutating func checkTimedOut(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    effects.append(.abortCheck(servers[number].definition.id))
    let limit = servers[number].definition.policies.health.timeout.shortText
    checked(
      Failure(.tryTimeout, "no answer to the health check in \(limit)", delivery: .unknown),
      of: number, at: now, using: &random)
  }

  mutating func checked(
    _ failure: Failure?, of number: Int, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard let startedAt = servers[number].checkStartedAt else { return }
    servers[number].checkStartedAt = nil
    timers.remove(.checkTimeout(number))
    checkEnded(at: now, using: &random)
    let wasIll = servers[number].health.status == .unhealthy
    let id = servers[number].definition.id
    if let failure {
      // That there is no connection is known already; why there is none says more.
      let cause =
        failure.kind == .notConnected || failure.kind == .processExited
        ? servers[number].pool.lastFailure ?? failure : failure
      servers[number].health.failed(cause.message, at: timestamp(now))
      if !wasIll {
        note(.warning, "unhealthy: \(cause.message)", server: id, at: now)
      }
      return noticeAbsence(failure, of: number, at: now, using: &random)
    }
    servers[number].health.succeeded(in: now - startedAt, at: timestamp(now))
    if wasIll { note(.info, "healthy again", server: id, at: now) }
    if !servers[number].pool.isConnected {
      perform(servers[number].pool.retryNow(at: now), of: number, at: now, using: &random)
    } else if servers[number].toolCount == nil {
      refreshTools(of: number, at: now)
    }
  }

  // MARK: Probes

  mutating func beginProbe(
    _ index: Int, of number: Int, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    let timer = Timer.probe(server: number, probe: index)
    let server = servers[number].definition
    let probe = server.probes[index]
    timers.set(timer, at: now + probe.interval)
    guard !runningProbes.contains(timer) else { return }
    let call = Call.tool(
      probe.tool, arguments: probe.arguments, on: server.id,
      id: CallID(at: timestamp(now), using: &random), origin: .probe, client: "probe")
    runningProbes.insert(timer)
    probeTimers[call.id] = timer
    submit(call, at: now, using: &random)
  }

  mutating func probeEnded(_ state: CallState, _ outcome: Outcome, at now: Instant) {
    servers[state.server].health.probed(
      ProbeSnapshot(
        at: timestamp(now), isSuccess: outcome.reply.isSuccess, duration: outcome.latency,
        result: outcome.reply.label))
    if let timer = probeTimers.removeValue(forKey: outcome.call) { runningProbes.remove(timer) }
  }
}
