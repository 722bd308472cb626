import FleetModel

/// The rules behind the pool's verbs.
extension Pool {
  static var shuttingDown: Failure {
    Failure(.shuttingDown, "the engine is shutting down", delivery: .notSent)
  }

  var isInCrashLoop: Bool { !opensOnDemand && earlyEnds >= limits.crashLoop }

  /// What to do about connections that were just removed.
  mutating func closing(_ ids: [ConnectionID]) -> [Action] {
    guard !ids.isEmpty else { return [] }
    members.setDue()
    noteUptime()
    var actions: [Action] = []
    for id in ids { actions.append(.close(id)) }
    return actions
  }

  // MARK: Grants

  mutating func granted(_ waiter: Waiter, _ id: ConnectionID, at now: Instant) -> Action {
    grants.append(Grant(waiter: waiter, connection: id, since: now))
    return .grant(waiter, id)
  }

  mutating func takeBackGrant(of id: ConnectionID, from waiter: Waiter) {
    for index in grants.indices
    where grants[index].connection == id && grants[index].waiter == waiter {
      grants.remove(at: index)
      if index < announcedLeaks { announcedLeaks -= 1 }
      return
    }
    preconditionFailure("a connection is released once for each grant")
  }

  mutating func forgetGrants(of id: ConnectionID) {
    var index = 0
    while index < grants.count {
      guard grants[index].connection == id else {
        index += 1
        continue
      }
      grants.remove(at: index)
      if index < announcedLeaks { announcedLeaks -= 1 }
    }
  }

  mutating func forgetGrants() {
    grants = []
    announcedLeaks = 0
  }

  mutating func announceLeaks(at now: Instant, _ actions: inout [Action]) {
    while announcedLeaks < grants.count {
      let grant = grants[announcedLeaks]
      guard grant.since.after(limits.leakThreshold) <= now else { return }
      announcedLeaks += 1
      leaks += 1
      actions.append(.leak(grant.waiter, grant.connection, held: now - grant.since))
    }
  }

  // MARK: Waiting

  mutating func acquireOrQueue(_ waiter: Waiter, at now: Instant) -> [Action] {
    precondition(!waiters.contains(waiter), "a waiter waits once")
    guard !isStopped else { return [.refuse(waiter, Self.shuttingDown)] }
    var actions = closing(members.removeExpired(at: now))
    if waiters.count == 0, let id = members.takeStream(at: now) {
      return actions + [granted(waiter, id, at: now)]
    }
    let deadline = now.after(limits.acquireTimeout)
    if isInVain(until: deadline) {
      return actions + [.refuse(waiter, notConnected(at: now))]
    }
    guard waiters.count < limits.waiters else {
      let failure = Failure(
        .poolExhausted, "\(waiters.count) calls wait for a connection already", delivery: .notSent)
      return actions + [.refuse(waiter, failure)]
    }
    waiters.set(waiter, at: deadline)
    actions += openWhatIsNeeded(at: now)
    return actions
  }

  /// Nothing is open, and what comes next comes too late or cannot be trusted.
  func isInVain(until deadline: Instant) -> Bool {
    guard !opensOnDemand, !members.hasUsable else { return false }
    if isInCrashLoop { return true }
    guard let due = reconnect.dueAt else { return false }
    return due >= deadline
  }

  /// Takes the first waiter out of the queue and counts how long it was there.
  mutating func popWaiter(at now: Instant) -> Waiter? {
    guard let deadline = waiters.next, let waiter = waiters.popFirst() else { return nil }
    waitCount += 1
    waitTime += now - Instant(nanoseconds: deadline.nanoseconds - limits.acquireTimeout)
    return waiter
  }

  mutating func serveWaiters(at now: Instant) -> [Action] {
    var actions: [Action] = []
    while waiters.count > 0, let id = members.takeStream(at: now),
      let waiter = popWaiter(at: now)
    {
      actions.append(granted(waiter, id, at: now))
    }
    return actions
  }

  mutating func refuseFirst(_ failure: Failure, at now: Instant) -> [Action] {
    guard let waiter = popWaiter(at: now) else { return [] }
    refusals += 1
    return [.refuse(waiter, failure)]
  }

  mutating func refuseAll(_ failure: Failure, at now: Instant) -> [Action] {
    var actions: [Action] = []
    while waiters.count > 0 { actions += refuseFirst(failure, at: now) }
    return actions
  }

  mutating func refuseOverdue(at now: Instant) -> [Action] {
    var actions: [Action] = []
    while let deadline = waiters.next, deadline <= now {
      actions += refuseFirst(
        Failure(
          .poolExhausted,
          "no connection became free within \(policy.acquireTimeout.seconds) s",
          delivery: .notSent), at: now)
    }
    return actions
  }

  mutating func refuseWhoWaitInVain(at now: Instant) -> [Action] {
    var actions: [Action] = []
    while let deadline = waiters.next, isInVain(until: deadline) {
      actions += refuseFirst(notConnected(at: now), at: now)
    }
    return actions
  }

  func unsent(_ failure: Failure) -> Failure {
    var failure = failure
    failure.delivery = .notSent
    return failure
  }

  func notConnected(at now: Instant) -> Failure {
    var message = "not connected"
    if isInCrashLoop { message += " after \(earlyEnds) ends in a row" }
    if let lastFailure { message += ": \(lastFailure.message)" }
    if let due = reconnect.dueAt {
      let tenths = ((due - now).seconds * 10).rounded(.up) / 10
      message += "; next try in \(max(0, tenths)) s"
    }
    return Failure(.notConnected, message, delivery: .notSent)
  }

  // MARK: Opening

  /// Sees to it that all who wait have something to wait for.
  mutating func provide(at now: Instant) -> [Action] {
    openWhatIsNeeded(at: now) + refuseWhoWaitInVain(at: now)
  }

  /// One connection is always wanted, and one for each waiter that those being opened or asked
  /// cannot serve; but one at a time until the first is open.
  mutating func openWhatIsNeeded(at now: Instant) -> [Action] {
    guard !isStopped else { return [] }
    var actions: [Action] = []
    while members.all.count < limits.open {
      let tally = members.tally
      let isFirst = tally.usable + tally.connecting == 0
      let isWanted =
        waiters.count > (tally.connecting + tally.validating) * limits.streams
        || (isFirst && isStarted)
      // While the delay runs, only a caller's wish for the first connection may pass it by.
      let isAllowed =
        reconnect.dueAt == nil || (isFirst && opensOnDemand && waiters.count > 0)
      guard isWanted, isAllowed,
        tally.connecting < (tally.usable > 0 ? limits.connecting : 1)
      else { return actions }
      lastNumber += 1
      let id = ConnectionID(number: lastNumber)
      members.add(id)
      actions.append(.open(id))
    }
    return actions
  }

  // MARK: Losing

  /// Nothing that is open counts any more, nor what is known of how that went.
  mutating func endGeneration(at now: Instant) -> [Action] {
    let actions = closing(members.retireAll(at: now))
    earlyDeaths = [:]
    earlyEnds = 0
    consecutiveOpenFailures = 0
    reconnect.restart()
    reconnect.clear()
    return actions
  }

  /// A connection came back sound, and more is to be done than to note it.
  mutating func returned(at index: Int, at now: Instant) -> [Action] {
    let connection = members.all[index]
    if connection.phase == .retired {
      guard connection.streams == 0 else { return [] }
      members.remove(at: index, .reset, at: now)
      return [.close(connection.id)] + openWhatIsNeeded(at: now)
    }
    var actions = closing(members.removeExpired(at: now))
    actions += serveWaiters(at: now)
    actions += closing(members.removeSurplus(at: now))
    return actions + provide(at: now)
  }

  /// A connection came back broken; its other calls will find out.
  mutating func broken(at index: Int, at now: Instant) -> [Action] {
    let id = members.all[index].id
    lastBroken = id
    let failure = Failure(.connectionReset, "the connection broke in use", delivery: .notSent)
    return [.close(id)] + lost(at: index, .error, failure, at: now)
  }

  /// An open connection is gone: it is replaced at once if it had lasted, else after the delay.
  mutating func lost(
    at index: Int, _ cause: PoolMembers.Cause, _ failure: Failure, at now: Instant
  ) -> [Action] {
    let connection = members.all[index]
    members.remove(at: index, cause, at: now)
    members.setDue()
    forgetGrants(of: connection.id)
    // It tells nothing of this generation.
    guard connection.phase != .retired else { return provide(at: now) }
    lastFailure = failure
    if members.lasted(connection, at: now) {
      noteUptime()
      reconnect.clear()
    } else {
      countEarlyEnd(at: now)
      if members.isEmpty { reconnect.schedule(at: now) }
    }
    return provide(at: now)
  }

  /// Beside one that has stayed up it says nothing of the server.
  mutating func countEarlyEnd(at now: Instant) {
    if !members.hasLasting(at: now) { earlyEnds += 1 }
  }

  /// After the sustained uptime of one connection delays begin anew, and a crash loop is over.
  mutating func noteUptime() {
    guard members.takeNewUptime() else { return }
    reconnect.restart()
    earlyEnds = 0
  }
}
