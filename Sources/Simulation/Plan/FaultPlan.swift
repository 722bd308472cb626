package import FleetModel

/// Everything about a run that its seed decides ahead: the servers, their policies, what goes wrong
/// and when, and how it ends.
package struct FaultPlan: Hashable, Sendable {
  /// How the engine is ended.
  package enum Ending: String, Hashable, Sendable, CaseIterable {
    /// After a calm long enough for everything to heal, and a quiet without calls.
    case quiet
    /// As `quiet`, but drained and stopped while calls arrive.
    case drained
    /// In the middle of the storm.
    case cut
  }

  package let seed: UInt64
  /// In the order of the fleet.
  package var servers: [ServerDefinition]
  /// In the order of their beginning.
  package var faults: [Fault]
  /// In the order of their times.
  package var happenings: [Happening]
  /// The last fault is over and the last operator's deed done.
  package var stormEnd: Instant
  /// Calls a second over the whole fleet while the storm lasts.
  package var callsPerSecond: Double
  package var ending: Ending

  package init(
    seed: UInt64, servers: [ServerDefinition], faults: [Fault] = [], happenings: [Happening] = [],
    stormEnd: Instant, callsPerSecond: Double, ending: Ending
  ) {
    self.seed = seed
    self.servers = servers
    self.faults = faults
    self.happenings = happenings
    self.stormEnd = stormEnd
    self.callsPerSecond = callsPerSecond
    self.ending = ending
  }

  /// Calls a second of each server after the storm, so that half-open breakers see some.
  static let calmCallsPerSecond = 2.0
  /// No calls for so long at the end of `quiet`.
  static let quietTime = Duration.seconds(2)

  /// By when a server without an override is connected, its breaker closed and its preferred
  /// endpoint in use.
  func recovery(of server: ServerDefinition, overrideEnd: Instant?) -> Instant {
    // What an earlier definition began may end by its times.
    let time = versions(of: server).map { recoveryTime(of: $0) }.max() ?? .zero
    return max(stormEnd, overrideEnd ?? stormEnd) + time
  }

  private func recoveryTime(of server: ServerDefinition) -> Duration {
    let policies = server.policies
    let (breaker, pool) = (policies.breaker, policies.pool)
    let reconnect = tenthMore(max(pool.reconnectDelay, pool.reconnectDelayCap))
    let connected =
      pool.connectTimeout + reconnect + Self.answerTime + max(.zero, pool.acquireTimeout)
    let retry = policies.retry
    let calls = max(retry.tryTimeout, retry.progressTimeout) + policies.load.queueTimeout
    let longest = max(breaker.openDuration, breaker.openDurationCap)
    let open = Duration(fractionalSeconds: longest.seconds * (1 + breaker.openJitter))
    let lease = max(.seconds(1), breaker.openDuration)
    let load = policies.load
    let rate = load.rate > 0 ? min(load.rate, Self.calmCallsPerSecond) : Self.calmCallsPerSecond
    let tries = breaker.successThreshold + 2
    let probes = Duration(fractionalSeconds: Double(tries) / rate)
    // The first opening may be just before the last old failure, the second comes of that one.
    var time = max(connected, calls) + open + lease + probes + probes + Self.answerTime
    if load.quota > 0 { time += load.quotaPeriod * (tries / load.quota + 1) }
    if load.callerQuota > 0 { time += load.quotaPeriod }
    if server.choices.count > 1 {
      let watch = tenthMore(policies.health.interval) + policies.health.interval
      // A watch may have begun in the storm, and each endpoint before the first has its turn.
      time +=
        pool.connectTimeout + (watch + watch) * server.choices.count + policies.failover.returnAfter
        + connected + open
    }
    return time
  }

  /// A crash loop is over by then.
  func crashLoopEnd(of server: ServerDefinition) -> Instant {
    let uptime = versions(of: server).map(\.policies.pool.sustainedUptime).max() ?? .zero
    return recovery(of: server, overrideEnd: nil) + uptime + .seconds(1)
  }

  /// When the last server has had its time.
  package var calmEnd: Instant {
    servers.indices.map { number in
      let end = happenings.compactMap { happening -> Instant? in
        guard case .override(number, let override) = happening.kind else { return nil }
        return happening.at + override.timeToLive
      }.max()
      return max(
        recovery(of: servers[number], overrideEnd: end), crashLoopEnd(of: servers[number]))
    }.max() ?? stormEnd
  }

  /// No answer of a well server, connect or check takes longer.
  static let answerTime = Duration.milliseconds(20)

  private func tenthMore(_ duration: Duration) -> Duration { duration + duration / 10 }
}
