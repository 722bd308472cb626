package import FleetModel

/// The connections of one server and the callers that wait for one.
///
/// Every method returns what is now to be done, in order. Invariants: connecting and open together
/// are at most `openLimit`; nobody waits while a connection is free; waiters are served first come,
/// first served; every acquire ends in exactly one grant, refusal or cancellation. From `start` on
/// it keeps at least one connection, and reconnects with growing delays when it cannot.
package struct Pool<Waiter: Hashable & Sendable>: Sendable {
  package enum Action: Hashable, Sendable {
    /// Open a connection; answer with `opened` or `openFailed`.
    case open(ConnectionID)
    case close(ConnectionID)
    /// The waiter has the connection until it is released.
    case grant(Waiter, ConnectionID)
    case refuse(Waiter, Failure)
  }

  /// Connections being opened at once.
  package static var connectLimit: Int { 2 }

  let policy: PoolPolicy
  let opensOnDemand: Bool
  /// In the order of their numbers.
  var connections: [PoolConnection] = []
  var waiters = DeadlineQueue<Waiter>()
  var lastNumber: UInt64
  var lastUse: UInt64 = 0
  var isStarted = false
  var isStopped = false
  var reconnect: ReconnectSchedule

  package private(set) var lastFailure: Failure?
  /// Since a connection was last opened.
  package private(set) var consecutiveOpenFailures = 0

  /// - Parameters:
  ///   - opensOnDemand: while the reconnect delay runs, a caller's wish starts a connect at once
  ///     (HTTP, where it is cheap); else such a caller is refused at once (stdio).
  ///   - firstNumber: of the first connection; the others count up from there.
  package init(_ policy: PoolPolicy, opensOnDemand: Bool, firstNumber: UInt64) {
    self.policy = policy
    self.opensOnDemand = opensOnDemand
    lastNumber = firstNumber &- 1
    reconnect = ReconnectSchedule(policy)
  }

  // MARK: What it shows

  package var isConnected: Bool { connections.contains { !$0.isConnecting } }

  package var snapshot: PoolSnapshot {
    let leases = connections.compactMap(\.lease)
    var snapshot = PoolSnapshot()
    snapshot.open = leases.count
    snapshot.idle = leases.count { $0.streams == 0 }
    snapshot.active = leases.reduce(0) { $0 + $1.streams }
    snapshot.max = max(1, policy.openLimit) * streamLimit
    snapshot.waiting = waiters.count
    return snapshot
  }

  /// The most recently used open connection.
  package func anyOpen() -> ConnectionID? {
    connections.filter { !$0.isConnecting }
      .max { ($0.lease?.lastUse ?? 0) < ($1.lease?.lastUse ?? 0) }?.id
  }

  /// When `timeReached` must be called next; nil when nothing is due.
  package var nextDeadline: Instant? {
    let leases = connections.compactMap(\.lease)
    var deadlines = leases.filter { $0.streams == 0 }.map { lease in
      leases.count > 1 ? min(lease.expiresAt, idleEnd(lease)) : lease.expiresAt
    }
    deadlines += [waiters.next, reconnect.dueAt].compactMap { $0 }
    return deadlines.min()
  }

  // MARK: Life cycle

  /// Opens the first connection; from now on at least one is kept.
  package mutating func start(at now: Instant) -> [Action] {
    guard !isStarted, !isStopped else { return [] }
    isStarted = true
    return openWhatIsNeeded(at: now)
  }

  /// Refuses all who wait and closes everything; nothing is granted or opened afterwards.
  package mutating func stop() -> [Action] {
    isStopped = true
    reconnect.clear()
    var actions: [Action] = refuseAll(
      Failure(.shuttingDown, "the engine is shutting down", delivery: .notSent))
    actions += connections.map { .close($0.id) }
    connections = []
    return actions
  }

  // MARK: Callers

  /// Grants the most recently used free connection, or opens one if the limits allow, or queues.
  package mutating func acquire(_ waiter: Waiter, at now: Instant) -> [Action] {
    precondition(!waiters.contains(waiter), "a waiter waits once")
    guard !isStopped else {
      return [
        .refuse(
          waiter, Failure(.shuttingDown, "the engine is shutting down", delivery: .notSent))
      ]
    }
    var actions = closeExpired(at: now)
    if waiters.count == 0, let id = takeStream(at: now) {
      return actions + [.grant(waiter, id)]
    }
    if connections.isEmpty, !opensOnDemand {
      return actions + [.refuse(waiter, notConnected(at: now))]
    }
    guard waiters.count < policy.waiterLimit else {
      return actions + [
        .refuse(
          waiter,
          Failure(
            .poolExhausted, "\(waiters.count) calls wait for a connection already",
            delivery: .notSent))
      ]
    }
    waiters.set(waiter, at: now + policy.acquireTimeout)
    actions += openWhatIsNeeded(at: now)
    return actions
  }

  /// The waiter leaves the queue; nothing happens when it is not in it.
  package mutating func cancel(_ waiter: Waiter) { waiters.remove(waiter) }

  /// Ends one grant. A sound connection goes straight to the first waiter; a broken one is closed.
  /// Releases of connections that died or were closed in between are ignored.
  package mutating func release(
    _ id: ConnectionID, isBroken: Bool, at now: Instant
  ) -> [Action] {
    guard let index = index(of: id), var lease = connections[index].lease else { return [] }
    precondition(lease.streams > 0, "a connection is released once for each grant")
    if isBroken {
      connections.remove(at: index)
      return [.close(id)] + lost(lease, at: now)
    }
    lease.streams -= 1
    lease.idleSince = now
    lastUse += 1
    lease.lastUse = lastUse
    connections[index].state = .open(lease)
    return closeExpired(at: now) + serveWaiters(at: now) + closeSurplus(at: now)
      + openWhatIsNeeded(at: now)
  }

  // MARK: What became of connections

  package mutating func opened(
    _ id: ConnectionID, at now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard let index = index(of: id), case .connecting(let death) = connections[index].state else {
      return [.close(id)]
    }
    if let death { return openFailed(id, death, at: now, using: &random) }
    let lifetime = max(0, policy.lifetime.nanoseconds)
    let shortening = Int64.random(in: 0...lifetime / 10, using: &random)
    lastUse += 1
    connections[index].state = .open(
      PoolConnection.Lease(
        openedAt: now, expiresAt: now + .nanoseconds(lifetime - shortening), idleSince: now,
        lastUse: lastUse))
    consecutiveOpenFailures = 0
    reconnect.succeeded(using: &random)
    return serveWaiters(at: now) + closeSurplus(at: now) + openWhatIsNeeded(at: now)
  }

  /// With nothing else open or under way, all who wait are refused with this failure.
  package mutating func openFailed(
    _ id: ConnectionID, _ failure: Failure, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard let index = index(of: id), connections[index].isConnecting else { return [] }
    connections.remove(at: index)
    lastFailure = failure
    consecutiveOpenFailures += 1
    reconnect.prepare(using: &random)
    reconnect.schedule(at: now)
    guard connections.isEmpty else { return [] }
    return refuseAll(unsent(failure))
  }

  /// A connection died by itself, idle or in use.
  package mutating func closed(
    _ id: ConnectionID, _ failure: Failure, at now: Instant,
    using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard let index = index(of: id) else { return [] }
    guard let lease = connections[index].lease else {
      connections[index].state = .connecting(death: failure)
      return []
    }
    connections.remove(at: index)
    lastFailure = failure
    reconnect.prepare(using: &random)
    return lost(lease, at: now)
  }

  /// A health check found the server dead: the idle connections go, and after a delay one is tried.
  package mutating func invalidateIdle(
    _ failure: Failure, at now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    let actions = remove(at: now) { $0.streams == 0 }
    guard !actions.isEmpty else { return [] }
    lastFailure = failure
    reconnect.prepare(using: &random)
    if connections.isEmpty { reconnect.schedule(at: now) }
    return actions
  }

  /// A health check found the server well: a reconnect that waits for its time starts now.
  package mutating func retryNow(at now: Instant) -> [Action] {
    reconnect.clear()
    return openWhatIsNeeded(at: now)
  }

  /// Refuses who waited too long, closes what is idle or old, reconnects when that is due.
  package mutating func timeReached(
    _ now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    var actions: [Action] = []
    while let waiter = waiters.popDue(now) {
      actions.append(
        .refuse(
          waiter,
          Failure(
            .poolExhausted,
            "no connection became free within \(policy.acquireTimeout.seconds) s",
            delivery: .notSent)))
    }
    actions += closeExpired(at: now) + closeIdle(at: now)
    reconnect.prepare(using: &random)
    reconnect.passed(now)
    return actions + openWhatIsNeeded(at: now)
  }
}
