import FleetModel
import Resilience

// A server with several endpoints: away from the one that fails, and back when it is well again.
extension FleetMachine {
  /// Goes to the endpoint that the selector has chosen.
  mutating func moveEndpoint(
    of number: Int, because cause: String, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    let definition = servers[number].definition
    let position = servers[number].selector.current
    let choice = definition.choices[position]
    servers[number].definition.endpoint = choice.endpoint
    servers[number].info = nil
    servers[number].impostor = nil
    servers[number].hasNewTools = false
    abortSearch(of: number)
    let words = "endpoint \(choice.name) (\(position + 1) of \(definition.choices.count))"
    note(
      position == 0 ? .info : .warning, "moved to \(words): \(cause)", server: definition.id,
      at: now)
    if servers[number].selector.hasFailedLately(at: now) {
      // All fail: the delays grow on and an open breaker stays open, or callers would never be
      // spared. What is open or being opened leads to the endpoint just left.
      let pool = servers[number].pool.snapshot
      if pool.open + pool.connecting > 0 {
        perform(servers[number].pool.reset(at: now), of: number, at: now, using: &random)
      }
    } else {
      servers[number].breaker.startAnew(reason: "moved to \(words)", at: now)
      announceTransitions(of: number, at: now)
      // What waits was put off by the old endpoint.
      for id in calls.ids where calls[id]?.server == number {
        calls[id]?.course.restartDelays()
      }
      perform(servers[number].pool.reset(at: now), of: number, at: now, using: &random)
    }
    if servers[number].isWatching { effects.append(.abortWatch(definition.id)) }
    servers[number].isWatching = false
    timers.remove(.watchTimeout(number))
    if servers[number].selector.watched == nil {
      timers.remove(.watch(number))
    } else {
      setWatchTimer(of: number, at: now, using: &random)
    }
  }

  private mutating func setWatchTimer(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    timers.set(
      .watch(number), at: now + servers[number].health.nextInterval(using: &random))
  }

  mutating func beginWatch(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let position = servers[number].selector.watched else { return }
    var definition = servers[number].definition
    let id = definition.id
    definition.endpoint = definition.choices[position].endpoint
    // A name of its own, so that what the transport knows of the endpoint in use stays.
    definition.id = ServerID("\(id), endpoint \(position + 1)")
    definition.identity = servers[number].identities[position]?.identity
    lastWatch += 1
    servers[number].isWatching = true
    timers.set(.watchTimeout(number), at: now + definition.policies.pool.connectTimeout)
    effects.append(.watch(definition, id, ConnectionID(number: lastWatch)))
  }

  mutating func watchTimedOut(
    of number: Int, at now: Instant, using random: inout some RandomNumberGenerator
  ) {
    effects.append(.abortWatch(servers[number].definition.id))
    let failure = Failure(.tryTimeout, "no answer", delivery: .notSent)
    watched(failure, of: number, at: now, using: &random)
  }

  mutating func watched(
    _ failure: Failure?, of number: Int, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    guard servers[number].isWatching else { return }
    servers[number].isWatching = false
    timers.remove(.watchTimeout(number))
    if servers[number].selector.watchedAnswered(isWell: failure == nil, at: now) {
      let time = servers[number].definition.policies.failover.returnAfter.shortText
      moveEndpoint(of: number, because: "well for \(time)", at: now, using: &random)
    } else {
      setWatchTimer(of: number, at: now, using: &random)
    }
  }
}
