package import FleetModel

/// The connections of one server and the callers that wait for one.
///
/// Every method returns what is now to be done, in order. Invariants: connecting and open together
/// are at most `openLimit`; nobody waits while a connection is free; waiters are served first come,
/// first served; every acquire ends in exactly one grant, refusal or cancellation. From `start` on
/// it keeps at least one connection, and reconnects with growing delays when it cannot: while none
/// is open exactly one is being opened, and all who call wait for that one.
///
/// What every call passes is specialized for calls: other modules see no generic code, and without
/// it each step goes through tables of functions.
package struct Pool<Waiter: Hashable & Sendable>: Sendable {
  package enum Action: Hashable, Sendable {
    /// Open a connection; answer with `opened` or `openFailed`.
    case open(ConnectionID)
    case close(ConnectionID)
    /// The waiter has the connection until it is released.
    case grant(Waiter, ConnectionID)
    case refuse(Waiter, Failure)
    /// Ask an idle connection whether it still works; answer with `validated`.
    case validate(ConnectionID)
    /// The waiter has held the connection for longer than the policy's `leakThreshold`; said once
    /// for each grant, and the connection stays with it.
    case leak(Waiter, ConnectionID, held: Duration)
  }

  /// Who has a stream of which connection.
  struct Grant: Sendable {
    var waiter: Waiter
    var connection: ConnectionID
    var since: Instant
  }

  var policy: PoolPolicy
  var limits: PoolLimits
  var opensOnDemand: Bool
  var members: PoolMembers
  var waiters = DeadlineQueue<Waiter>()
  /// In the order in which they were made.
  var grants: [Grant] = []
  /// So many of the first grants were announced as leaks.
  var announcedLeaks = 0
  /// Failures of connections that died before the news that they were open.
  var earlyDeaths: [ConnectionID: Failure] = [:]
  /// The last one given back broken: why it broke may still come.
  var lastBroken: ConnectionID?
  /// Failed opens and early deaths in a row, none beside a connection that has stayed up.
  var earlyEnds = 0
  var lastNumber: UInt64
  var isStarted = false
  var isStopped = false
  var reconnect: ReconnectSchedule
  var waitCount = 0
  var waitTime = Duration.zero
  var refusals = 0
  var leaks = 0

  package internal(set) var lastFailure: Failure?
  /// Since a connection was last opened, or the pool reset.
  package internal(set) var consecutiveOpenFailures = 0

  /// - Parameters:
  ///   - opensOnDemand: while the reconnect delay runs, a caller's wish starts a connect at once
  ///     (HTTP, where it is cheap); else such a caller waits for the end of the delay, or is
  ///     refused at once when it comes too late for it or the process is in a crash loop (stdio).
  ///   - firstNumber: of the first connection; the others count up from there.
  package init(_ policy: PoolPolicy, opensOnDemand: Bool, firstNumber: UInt64) {
    self.policy = policy
    self.opensOnDemand = opensOnDemand
    limits = PoolLimits(policy)
    members = PoolMembers(limits)
    lastNumber = firstNumber &- 1
    reconnect = ReconnectSchedule(policy)
  }

  // MARK: What it shows

  /// A connection is open that no reset has retired.
  package var isConnected: Bool { members.hasUsable }

  package var snapshot: PoolSnapshot {
    let tally = members.tally
    var snapshot = PoolSnapshot()
    snapshot.open = members.all.count - tally.connecting
    snapshot.idle = tally.idle
    snapshot.active = tally.streams
    snapshot.max = limits.open * limits.streams
    snapshot.waiting = waiters.count
    snapshot.connecting = tally.connecting
    snapshot.waitCount = waitCount
    snapshot.waitTime = waitTime
    snapshot.refusals = refusals
    snapshot.closed = members.closed
    snapshot.leaks = leaks
    return snapshot
  }

  /// The most recently used open connection.
  package func anyOpen() -> ConnectionID? { members.warmest }

  /// A child process that ended so often in a row that callers are refused: how often, why the last
  /// time, and when it is tried again (nil while it is being tried). It is over when one has been
  /// up for the policy's `sustainedUptime`. Never over HTTP.
  package var crashLoop: (count: Int, failure: Failure, nextTry: Instant?)? {
    guard isInCrashLoop, let lastFailure else { return nil }
    return (earlyEnds, lastFailure, reconnect.dueAt)
  }

  /// When `timeReached` must be called next; nil when nothing is due. May be too early.
  package var nextDeadline: Instant? {
    @specialized(where Waiter == CallID)
    get {
      earliestDue
    }
  }

  /// Not inlined, as `grantOrQueue` and `takeBack`: their preparations for any type would come
  /// before the choice of the special one.
  @inline(never)
  private var earliestDue: Instant? {
    var next = members.dueAt
    if let due = waiters.next { next = min(next, due) }
    if let due = reconnect.dueAt { next = min(next, due) }
    if announcedLeaks < grants.count {
      next = min(next, grants[announcedLeaks].since.after(limits.leakThreshold))
    }
    return next == .never ? nil : next
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
    earlyEnds = 0
    forgetGrants()
    earlyDeaths = [:]
    var actions: [Action] = []
    while let waiter = waiters.popFirst() {
      waitCount += 1
      refusals += 1
      actions.append(.refuse(waiter, Self.shuttingDown))
    }
    return actions + closing(members.removeAll())
  }

  // MARK: Callers

  /// Grants the most recently used free connection, or opens one if the limits allow, or queues.
  @specialized(where Waiter == CallID)
  package mutating func acquire(_ waiter: Waiter, at now: Instant) -> [Action] {
    grantOrQueue(waiter, at: now)
  }

  @inline(never)
  private mutating func grantOrQueue(_ waiter: Waiter, at now: Instant) -> [Action] {
    if waiters.count == 0, now < members.dueAt, let id = members.takeStream(at: now) {
      return [granted(waiter, id, at: now)]
    }
    return acquireOrQueue(waiter, at: now)
  }

  /// A free connection for a second sending: only if one is idle and nobody waits; nothing is
  /// opened or queued.
  @specialized(where Waiter == CallID)
  package mutating func takeFree(_ waiter: Waiter, at now: Instant) -> ConnectionID? {
    guard waiters.count == 0, let id = members.takeStream(at: now, onlyIdle: true) else {
      return nil
    }
    _ = granted(waiter, id, at: now)
    return id
  }

  /// The waiter leaves the queue; nothing happens when it is not in it.
  package mutating func cancel(_ waiter: Waiter) { waiters.remove(waiter) }

  /// Ends one grant. A sound connection goes straight to the first waiter; a broken one is closed.
  /// Releases of connections that died or were closed in between are ignored.
  @specialized(where Waiter == CallID)
  package mutating func release(
    _ id: ConnectionID, by waiter: Waiter, isBroken: Bool, at now: Instant
  ) -> [Action] {
    takeBack(id, from: waiter, isBroken: isBroken, at: now)
  }

  @inline(never)
  private mutating func takeBack(
    _ id: ConnectionID, from waiter: Waiter, isBroken: Bool, at now: Instant
  ) -> [Action] {
    guard let index = members.index(of: id), members.all[index].phase != .connecting else {
      return []
    }
    takeBackGrant(of: id, from: waiter)
    if isBroken { return broken(at: index, at: now) }
    if members.giveBack(at: index, at: now), waiters.count == 0 { return [] }
    return returned(at: index, at: now)
  }
}
