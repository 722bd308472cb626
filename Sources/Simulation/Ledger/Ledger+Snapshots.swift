import FleetModel

// What the machine says of itself, against what was seen.
extension Ledger {
  mutating func judge(_ snapshot: Snapshot, at now: Instant) {
    judgeRoster(snapshot, at: now)
    for (number, picture) in zip(shown, snapshot.servers) {
      servers[number].settle(at: now)
      judgePool(picture, of: number, at: now)
      judgeLoad(picture, of: number, at: now)
      judgeBreaker(picture.breaker, of: number, at: now)
      if !isDraining, !isStopped { judgeCounts(picture, of: number, at: now) }
      if let recovery = servers[number].recovery, now >= recovery {
        judgeRecovery(picture, of: number, at: now)
      }
    }
    for notice in snapshot.notices.reversed().prefix(while: { $0.number > lastNotice }) {
      if notice.text.hasPrefix("breaker open") { tallies.breakerOpenings += 1 }
      for (words, sight) in Self.sights where notice.text.contains(words) {
        sights.insert(sight)
      }
    }
    lastNotice = max(lastNotice, snapshot.notices.last?.number ?? 0)
  }

  /// What notices say of changes.
  private static let sights = [
    (words: "added: ", sight: "added"), ("changed: ", "changed"), ("removed", "removed"),
    ("found again on port", "found again"), ("another server answers", "stranger"),
    ("is trusted by hand", "trusted"),
  ]

  private mutating func judgePool(
    _ picture: ServerSnapshot, of number: Int, at now: Instant
  ) {
    let (server, pool) = (servers[number], picture.pool)
    if pool.open != server.open {
      violate(
        "\(name(number)): \(pool.open) connections are said to be open,"
          + " \(server.open) are", at: now)
    }
    if pool.connecting != server.connecting {
      violate(
        "\(name(number)): \(pool.connecting) are said to connect, \(server.connecting) do", at: now)
    }
    if pool.active != server.streams {
      violate(
        "\(name(number)): \(pool.active) calls are said to be on"
          + " connections, \(server.streams) are", at: now)
    }
    let waiterLimit = server.waiterLimit
    if pool.waiting > waiterLimit {
      violate("\(name(number)): \(pool.waiting) wait for a connection, not \(waiterLimit)", at: now)
    }
  }

  private mutating func judgeLoad(
    _ picture: ServerSnapshot, of number: Int, at now: Instant
  ) {
    let (server, load) = (servers[number], picture.load)
    if !(load.running <= server.bulkheadLimit && load.running >= server.callsOnWire) {
      violate(
        "\(name(number)): \(load.running) are said to run of \(server.bulkheadLimit), and"
          + " \(server.callsOnWire) are on the wire", at: now)
    }
    let queueLimit = server.queueLimit
    if load.waiting > queueLimit {
      violate("\(name(number)): \(load.waiting) wait for a place, not \(queueLimit)", at: now)
    }
    if load.hedges != server.hedges {
      violate(
        "\(name(number)): \(load.hedges) second sendings are said, \(server.hedges) were", at: now)
    }
    let (used, limit) = (picture.retries.budgetUsed, server.budgetLimitPeak)
    if used > limit {
      violate("\(name(number)): \(used) retries are under way, not \(limit)", at: now)
    }
  }

  private mutating func judgeBreaker(
    _ picture: BreakerSnapshot, of number: Int, at now: Instant
  ) {
    // Whole milliseconds of civil time, so up to one too late.
    let until = picture.until.map {
      wallClockReadAt + ($0 - wallClock) - .milliseconds(1)
    }
    if let words = servers[number].breaker.pictured(picture, until: until, at: now) {
      violate("\(name(number)): \(words)", at: now)
    }
    for (earlier, later) in zip(picture.transitions, picture.transitions.dropFirst()) {
      if earlier.to != later.from {
        violate(
          "\(name(number)): a transition to \(earlier.to.rawValue) is followed by one from"
            + " \(later.from.rawValue)", at: now)
      }
    }
  }

  private mutating func judgeCounts(
    _ picture: ServerSnapshot, of number: Int, at now: Instant
  ) {
    let server = servers[number]
    let (said, seen) = (picture.calls, server.outcomes)
    let failures = seen.protocolError + seen.transportFailure + server.covered
    let saidFailures = said.protocolError + said.transportFailure
    // A stand-in's outcome is not given out, and a probe that is turned away is nobody's.
    let isRight: Bool =
      if server.standsIn {
        said.success >= seen.success && said.toolError >= seen.toolError
          && saidFailures >= failures
      } else if !server.definition.probes.isEmpty || server.changedAt > .origin {
        said.success == seen.success && said.toolError == seen.toolError
          && saidFailures >= failures && saidFailures <= failures + foreignFinishes
      } else {
        said.success == seen.success && said.toolError == seen.toolError
          && saidFailures == failures && said.protocolError >= seen.protocolError
      }
    if !isRight {
      violate(
        "\(name(number)): \(said) is said, \(seen) and \(server.covered) covered were",
        at: now)
    }
    let amplification =
      server.callsSent > 0 ? Double(server.sends) / Double(server.callsSent) : nil
    if picture.retries.amplification != amplification {
      violate(
        "\(name(number)): an amplification of \(picture.retries.amplification ?? 0) is said,"
          + " \(server.sends) tries of \(server.callsSent) calls were", at: now)
    }
  }

  // MARK: After the storm

  /// From now on everything is well, and heals by the times of `plan`.
  mutating func expectRecovery(by plan: FaultPlan, at now: Instant) {
    for number in shown {
      let isOverridden = servers[number].breaker.isOverridden(at: now)
      servers[number].recovery = plan.recovery(
        of: servers[number].definition,
        overrideEnd: isOverridden ? servers[number].breaker.overrideEnd : nil)
    }
  }

  private mutating func judgeRecovery(
    _ picture: ServerSnapshot, of number: Int, at now: Instant
  ) {
    // At the end of its life one connection takes the place of another.
    let isRenewing =
      servers[number].connecting > 0
      && now <= servers[number].lastOpening + FaultPlan.answerTime
    if !picture.isConnected, !isRenewing {
      violate("\(name(number)) is not connected long after the storm", at: now)
    }
    if !servers[number].breaker.isOverridden(at: now) {
      if picture.breaker.state != .closed {
        violate(
          "\(name(number)) is \(picture.breaker.state.rawValue) long after the storm:"
            + " \(picture.breaker.reason ?? "")", at: now)
      }
    }
    if let endpoint = picture.endpoint {
      if endpoint.position != 1 {
        violate("\(name(number)) uses endpoint \(endpoint.position) long after the storm", at: now)
      }
    }
    let pool = servers[number].definition.policies.pool
    // Only a child that lives so long can show that it lasts.
    if let loop = picture.crashLoop, let recovery = servers[number].recovery,
      now > recovery + pool.sustainedUptime + .seconds(1),
      pool.lifetime - pool.lifetime / 10 > pool.sustainedUptime
    {
      violate("\(name(number)) is in a crash loop of \(loop.count) long after the storm", at: now)
    }
  }
}
