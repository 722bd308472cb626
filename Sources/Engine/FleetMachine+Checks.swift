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
    for (index, probe) in servers[number].definition.probes.enumerated() {
      timers.set(
        .probe(server: number, probe: index),
        at: now + random.fraction(of: min(probe.interval, .seconds(1))))
    }
  }

  mutating func beginCheck(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    let server = servers[number]
    timers.set(.check(number), at: now + server.health.nextInterval(using: &random))
    guard server.checkStartedAt == nil else { return }
    servers[number].checkStartedAt = now
    timers.set(.checkTimeout(number), at: now + server.definition.policies.health.timeout)
    effects.append(
      .check(server.definition, knownEra: server.info, server.pool.anyOpen()))
  }

  mutating func checkTimedOut(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    let server = servers[number]
    effects.append(.abortCheck(server.definition.id))
    let limit = server.definition.policies.health.timeout.shortText
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
    let before = servers[number].health.status
    let id = servers[number].definition.id
    if let failure {
      // That there is no connection is known already; why there is none says more.
      let cause =
        failure.kind == .notConnected || failure.kind == .processExited
        ? servers[number].pool.lastFailure ?? failure : failure
      servers[number].health.failed(cause.message, at: timestamp(now))
      if before != .unhealthy {
        note(.warning, "unhealthy: \(cause.message)", server: id, at: now)
      }
      return noticeAbsence(failure, of: number, at: now, using: &random)
    }
    servers[number].health.succeeded(in: now - startedAt, at: timestamp(now))
    if before == .unhealthy { note(.info, "healthy again", server: id, at: now) }
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

  mutating func probeEnded(_ id: CallID, at now: Instant) {
    if let timer = probeTimers.removeValue(forKey: id) { runningProbes.remove(timer) }
  }
}
