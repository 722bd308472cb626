package import FleetModel

// What became of connections, and what time brings.
extension Pool {
  package mutating func opened(
    _ id: ConnectionID, at now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard let index = members.index(of: id) else { return [.close(id)] }
    guard members.all[index].phase == .connecting else { return [] }
    if let death = earlyDeaths[id] {
      return openFailed(id, death, at: now, using: &random)
    }
    let shortening = Int64.random(in: 0...limits.lifetime / 10, using: &random)
    members.open(at: index, lifetime: limits.lifetime - shortening, at: now)
    consecutiveOpenFailures = 0
    reconnect.succeeded(using: &random)
    var actions = serveWaiters(at: now)
    actions += closing(members.removeSurplus(at: now))
    actions += openWhatIsNeeded(at: now)
    return actions
  }

  /// With nothing else open or under way, all who wait are refused with this failure.
  package mutating func openFailed(
    _ id: ConnectionID, _ failure: Failure, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard let index = members.index(of: id), members.all[index].phase == .connecting else {
      return []
    }
    earlyDeaths[id] = nil
    members.remove(at: index, nil, at: now)
    lastFailure = failure
    consecutiveOpenFailures += 1
    countEarlyEnd(at: now)
    reconnect.prepare(using: &random)
    reconnect.schedule(at: now)
    guard members.isEmpty else { return refuseWhoWaitInVain(at: now) }
    return refuseAll(unsent(failure), at: now)
  }

  /// A connection died by itself, idle or in use.
  package mutating func closed(
    _ id: ConnectionID, _ failure: Failure, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard let index = members.index(of: id) else {
      if lastBroken == id { lastFailure = failure }
      return []
    }
    if members.all[index].phase == .connecting {
      earlyDeaths[id] = failure
      return []
    }
    reconnect.prepare(using: &random)
    return lost(at: index, .error, failure, at: now)
  }

  /// What an idle connection answered when it was asked: nil when it still works.
  ///
  /// Answers about connections that are gone, or were not asked, change nothing.
  package mutating func validated(
    _ id: ConnectionID, _ failure: Failure?, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard let index = members.index(of: id), members.all[index].phase == .validating else {
      return []
    }
    reconnect.prepare(using: &random)
    guard let failure else {
      members.proved(at: index, at: now)
      return closing(members.removeExpired(at: now)) + serveWaiters(at: now)
        + provide(at: now)
    }
    return [.close(id)] + lost(at: index, .health, failure, at: now)
  }

  /// A health check found the server dead: the idle connections go, and after a delay one is tried.
  package mutating func invalidateIdle(
    _ failure: Failure, at now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    let actions = closing(members.removeAllIdle(.health, at: now))
    guard !actions.isEmpty else { return [] }
    lastFailure = failure
    reconnect.prepare(using: &random)
    if members.isEmpty { reconnect.schedule(at: now) }
    return actions + provide(at: now)
  }

  /// A health check found the server well: a reconnect that waits for its time starts now.
  package mutating func retryNow(at now: Instant) -> [Action] {
    reconnect.clear()
    return openWhatIsNeeded(at: now)
  }

  /// A new generation: idle connections close now, those in use when they are released; then it
  /// connects anew, without a delay. Waiters stay.
  package mutating func reset(at now: Instant) -> [Action] {
    guard !isStopped else { return [] }
    return endGeneration(at: now) + openWhatIsNeeded(at: now)
  }

  /// Refuses who waited too long, announces leaks, closes what is idle or old, asks what was unused
  /// for long, reconnects when that is due.
  @specialized(where Waiter == CallID, Chance == SplitMix64)
  package mutating func timeReached<Chance: RandomNumberGenerator>(
    _ now: Instant, using random: inout Chance
  ) -> [Action] {
    passTime(now, using: &random)
  }

  @inline(never)
  private mutating func passTime(
    _ now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    var actions: [Action] = refuseOverdue(at: now)
    announceLeaks(at: now, &actions)
    if members.dueAt <= now {
      actions += closing(members.removeExpired(at: now))
      actions += closing(members.removeIdle(at: now))
      for id in members.beginValidation(at: now) { actions.append(.validate(id)) }
      members.noticeUptime(at: now)
      members.setDue()
      noteUptime()
    }
    reconnect.prepare(using: &random)
    reconnect.passed(now)
    return actions + provide(at: now)
  }
}
