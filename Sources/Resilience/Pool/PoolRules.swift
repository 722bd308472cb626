import FleetModel

/// The rules behind the pool's verbs.
extension Pool {
  var streamLimit: Int { max(1, policy.streamsPerConnection) }

  func index(of id: ConnectionID) -> Int? { connections.firstIndex { $0.id == id } }

  func idleEnd(_ lease: PoolConnection.Lease) -> Instant {
    lease.idleSince + policy.idleTimeout
  }

  /// The warmest connection with a free stream, one stream of it taken.
  mutating func takeStream(at now: Instant) -> ConnectionID? {
    var best: (index: Int, lease: PoolConnection.Lease)?
    for (index, connection) in connections.enumerated() {
      guard let lease = connection.lease, lease.streams < streamLimit, now < lease.expiresAt,
        lease.lastUse > best?.lease.lastUse ?? 0
      else { continue }
      best = (index, lease)
    }
    guard let index = best?.index, var lease = best?.lease else { return nil }
    lease.streams += 1
    lastUse += 1
    lease.lastUse = lastUse
    connections[index].state = .open(lease)
    return connections[index].id
  }

  mutating func serveWaiters(at now: Instant) -> [Action] {
    var actions: [Action] = []
    while waiters.count > 0, let id = takeStream(at: now), let waiter = waiters.popFirst() {
      actions.append(.grant(waiter, id))
    }
    return actions
  }

  /// One connection is always wanted, and one for each waiter that those being opened cannot serve.
  mutating func openWhatIsNeeded(at now: Instant) -> [Action] {
    guard !isStopped else { return [] }
    var actions: [Action] = []
    while true {
      let connecting = connections.count { $0.isConnecting }
      let isWanted =
        waiters.count > connecting * streamLimit || (connections.isEmpty && isStarted)
      // While the delay runs, only a caller's wish for the first connection may pass it by.
      let isAllowed =
        reconnect.dueAt == nil
        || (connections.isEmpty && opensOnDemand && waiters.count > 0)
      guard isWanted, isAllowed, connecting < Pool.connectLimit,
        connections.count < max(1, policy.openLimit)
      else { return actions }
      lastNumber += 1
      let id = ConnectionID(number: lastNumber)
      connections.append(PoolConnection(id: id, state: .connecting(death: nil)))
      actions.append(.open(id))
    }
  }

  /// After an open connection is gone: at once again if it had lasted, else after the delay.
  mutating func lost(_ lease: PoolConnection.Lease, at now: Instant) -> [Action] {
    if hasLasted(lease, at: now) {
      reconnect.restart()
      reconnect.clear()
    } else if connections.isEmpty {
      reconnect.schedule(at: now)
    }
    let actions = openWhatIsNeeded(at: now)
    guard connections.isEmpty else { return actions }
    return actions + refuseAll(notConnected(at: now))
  }

  /// Closes free connections whose life is over; one in use goes when it is released.
  mutating func closeExpired(at now: Instant) -> [Action] {
    remove(at: now) { $0.streams == 0 && $0.expiresAt <= now }
  }

  /// Closes what was idle too long, oldest use first, but never the last connection.
  mutating func closeIdle(at now: Instant) -> [Action] {
    let due = connections.compactMap(\.lease)
      .filter { $0.streams == 0 && idleEnd($0) <= now }.map(\.lastUse).sorted()
    let surplus = connections.count { !$0.isConnecting } - 1
    let leaving = due.prefix(max(0, surplus))
    return remove(at: now) { leaving.contains($0.lastUse) }
  }

  /// Keeps at most `idleLimit` idle, the most recently used; at least one, which is always kept.
  mutating func closeSurplus(at now: Instant) -> [Action] {
    let idle = connections.compactMap(\.lease).filter { $0.streams == 0 }.map(\.lastUse).sorted()
    let leaving = idle.dropLast(max(1, policy.idleLimit))
    return remove(at: now) { leaving.contains($0.lastUse) }
  }

  mutating func remove(
    at now: Instant, where shouldGo: (PoolConnection.Lease) -> Bool
  ) -> [Action] {
    // A loop, because the optimizer of Swift 6.3.1 dies of the same in closures.
    var staying: [PoolConnection] = []
    var actions: [Action] = []
    var oneHasLasted = false
    for connection in connections {
      guard let lease = connection.lease, shouldGo(lease) else {
        staying.append(connection)
        continue
      }
      oneHasLasted = oneHasLasted || hasLasted(lease, at: now)
      actions.append(.close(connection.id))
    }
    connections = staying
    if oneHasLasted { reconnect.restart() }
    return actions
  }

  func hasLasted(_ lease: PoolConnection.Lease, at now: Instant) -> Bool {
    now - lease.openedAt >= policy.sustainedUptime
  }

  mutating func refuseAll(_ failure: Failure) -> [Action] {
    var actions: [Action] = []
    while let waiter = waiters.popFirst() { actions.append(.refuse(waiter, failure)) }
    return actions
  }

  func unsent(_ failure: Failure) -> Failure {
    var failure = failure
    failure.delivery = .notSent
    return failure
  }

  func notConnected(at now: Instant) -> Failure {
    var message = "not connected"
    if let lastFailure { message += ": \(lastFailure.message)" }
    if let due = reconnect.dueAt {
      let tenths = ((due - now).seconds * 10).rounded(.up) / 10
      message += "; next try in \(max(0, tenths)) s"
    }
    return Failure(.notConnected, message, delivery: .notSent)
  }
}
