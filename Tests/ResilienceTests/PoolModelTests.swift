import FleetModel
import Resilience
import TestInputs
import Testing

/// Random interleavings of callers, connections, deaths and the clock against the pool's invariants.
@Suite struct PoolModelTests {
  @Test(arguments: 0..<40)
  func `every interleaving keeps the invariants and loses nobody (pitfall 28)`(seed: Int) {
    var world = PoolWorld(seed: UInt64(seed))
    for _ in 0..<1000 { world.step() }
    world.settle()
  }
}

/// What is true outside: which connections live, who waits, who holds what.
private struct PoolWorld {
  private struct Connection {
    var isOpen = false
    var openedAt = Instant.origin
    /// When it was last opened, given back or found to work.
    var provenAt = Instant.origin
    /// When it was last opened or given back.
    var idleSince = Instant.origin
    var streams = 0
    var isAsked = false
    /// A reset came while it was in use.
    var isRetired = false
  }

  private struct Holding {
    var waiter: Int
    var id: ConnectionID
    var since: Instant
    var isAnnounced = false
  }

  private var random: SplitMix64
  private let policy: PoolPolicy
  private let opensOnDemand: Bool
  private var pool: Pool<Int>
  private var now = Instant.origin
  private var live: [(id: ConnectionID, connection: Connection)] = []
  /// First come first.
  private var waiting: [Int] = []
  private var held: [Holding] = []
  private var ended: Set<Int> = []
  private var openings = 0
  private var leaks = 0
  private var refusals = 0
  private var lastWaiter = 0
  private let failure = Failure.of(.connectionReset, delivery: .unknown)

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    var policy = PoolPolicy()
    policy.openLimit = 1 + random.below(6)
    policy.idleLimit = 1 + random.below(policy.openLimit)
    policy.streamsPerConnection = random.chance(50) ? 1 : 1 + random.below(4)
    policy.waiterLimit = 20
    policy.lifetime = .seconds(30 + random.below(100))
    policy.idleTimeout = .seconds(5 + random.below(40))
    policy.checkInterval = .seconds(random.below(20))
    policy.leakThreshold = .seconds(random.below(30))
    policy.connectLimit = 1 + random.below(3)
    self.policy = policy
    opensOnDemand = random.chance(50)
    pool = Pool(policy, opensOnDemand: opensOnDemand, firstNumber: 100)
    apply(pool.start(at: now))
  }

  mutating func step() {
    switch random.below(100) {
    case 0..<30: acquire()
    case 30..<55: release(isBroken: random.chance(15))
    case 55..<70: finishConnect(isGood: random.chance(70))
    case 70..<75: die()
    case 75..<80: cancel()
    case 80..<82: apply(pool.invalidateIdle(failure, at: now, using: &random))
    case 82..<84: apply(pool.retryNow(at: now))
    case 84..<87: answer(works: random.chance(70))
    case 87: reset()
    case 88..<90: takeFree()
    default: pass()
    }
    check()
  }

  /// The storm is over: everything can be given back, and a newcomer is served.
  mutating func settle() {
    while !held.isEmpty { release(isBroken: false) }
    for _ in 0..<20 {
      while live.contains(where: { !$0.connection.isOpen }) { finishConnect(isGood: true) }
      while !held.isEmpty { release(isBroken: false) }
      while live.contains(where: \.connection.isAsked) { answer(works: true) }
      apply(pool.retryNow(at: now))
      check()
    }
    #expect(waiting.isEmpty)
    #expect(pool.snapshot.active == 0 && pool.isConnected)
    let newcomer = acquire()
    #expect(ended.contains(newcomer) && held.count == 1)
    #expect(ended.count == lastWaiter)
    let closings = pool.snapshot.closed
    let count =
      closings.idle + closings.lifetime + closings.health + closings.error + closings.reset
    #expect(openings - count == pool.snapshot.open)
    let actions = pool.stop()
    #expect(actions.count == live.count)
  }

  // MARK: Events

  @discardableResult private mutating func acquire() -> Int {
    lastWaiter += 1
    waiting.append(lastWaiter)
    apply(pool.acquire(lastWaiter, at: now))
    return lastWaiter
  }

  private mutating func release(isBroken: Bool) {
    guard !held.isEmpty else { return }
    let holding = held.remove(at: random.below(held.count))
    change(holding.id) { [now] in
      $0.streams -= 1
      $0.provenAt = now
      $0.idleSince = now
    }
    apply(pool.release(holding.id, by: holding.waiter, isBroken: isBroken, at: now))
  }

  private mutating func answer(works: Bool) {
    let asked = live.filter(\.connection.isAsked)
    guard let id = asked.randomElement(using: &random)?.id else { return }
    change(id) { [now] in
      $0.isAsked = false
      $0.provenAt = now
    }
    apply(pool.validated(id, works ? nil : failure, at: now, using: &random))
    if !works { #expect(!live.contains { $0.id == id }) }
  }

  private mutating func reset() {
    let actions = pool.reset(at: now)
    for index in live.indices where live[index].connection.streams > 0 {
      live[index].connection.isRetired = true
    }
    apply(actions)
    #expect(live.allSatisfy { $0.connection.isRetired || !$0.connection.isOpen })
  }

  /// For somebody who holds one already, or a newcomer.
  private mutating func takeFree() {
    lastWaiter += 1
    ended.insert(lastWaiter)
    let free = live.filter { isFree($0.connection) }.map(\.id)
    guard let id = pool.takeFree(lastWaiter, at: now) else { return }
    #expect(waiting.isEmpty && free.contains(id))
    hold(id, lastWaiter)
  }

  private func isFree(_ connection: Connection) -> Bool {
    connection.isOpen && connection.streams == 0 && !connection.isAsked && !connection.isRetired
  }

  private mutating func finishConnect(isGood: Bool) {
    guard let id = live.filter({ !$0.connection.isOpen }).randomElement(using: &random)?.id else {
      return
    }
    if isGood {
      change(id) { [now] in
        $0.isOpen = true
        $0.openedAt = now
        $0.provenAt = now
        $0.idleSince = now
      }
      openings += 1
      apply(pool.opened(id, at: now, using: &random))
    } else {
      live.removeAll { $0.id == id }
      apply(pool.openFailed(id, failure, at: now, using: &random))
    }
  }

  /// Its calls notice later, and release it then.
  private mutating func die() {
    guard let id = live.filter({ $0.connection.isOpen }).randomElement(using: &random)?.id else {
      return
    }
    live.removeAll { $0.id == id }
    apply(pool.closed(id, failure, at: now, using: &random))
  }

  private mutating func cancel() {
    guard let waiter = waiting.randomElement(using: &random) else { return }
    waiting.removeAll { $0 == waiter }
    ended.insert(waiter)
    pool.cancel(waiter)
  }

  private mutating func pass() {
    if random.chance(50), let due = pool.nextDeadline {
      now = max(now, due)
    } else {
      now = now + .milliseconds(random.below(4000))
    }
    apply(pool.timeReached(now, using: &random))
    judgeTime()
    if let due = pool.nextDeadline { #expect(due > now) }
  }

  /// The pool may ask to be told the time too early, but never too late.
  private func judgeDeadline() {
    let next = pool.nextDeadline ?? Instant(nanoseconds: .max)
    let usable = live.map(\.connection).filter { $0.isOpen && !$0.isRetired }
    for connection in usable where connection.streams == 0 {
      #expect(next <= connection.openedAt + policy.lifetime)
      if usable.count > 1 { #expect(next <= connection.idleSince + policy.idleTimeout) }
      guard policy.checkInterval > .zero, !connection.isAsked else { continue }
      #expect(next <= connection.provenAt + policy.checkInterval)
    }
    guard policy.leakThreshold > .zero else { return }
    for holding in held where !holding.isAnnounced && live.contains(where: { $0.id == holding.id })
    {
      #expect(next <= holding.since + policy.leakThreshold)
    }
  }

  /// After the pool was told the time nothing is overdue.
  private func judgeTime() {
    if policy.checkInterval > .zero {
      #expect(
        live.map(\.connection).allSatisfy {
          !isFree($0) || now < $0.provenAt + policy.checkInterval
        })
    }
    if policy.leakThreshold > .zero {
      // Who lost its connection holds nothing.
      let holdings = held.filter { holding in live.contains { $0.id == holding.id } }
      #expect(holdings.allSatisfy { $0.isAnnounced || now < $0.since + policy.leakThreshold })
    }
  }

  // MARK: Actions

  private mutating func hold(_ id: ConnectionID, _ waiter: Int) {
    held.append(Holding(waiter: waiter, id: id, since: now))
    guard let connection = live.first(where: { $0.id == id })?.connection else {
      Issue.record("granted a connection that is gone")
      return
    }
    #expect(connection.isOpen && connection.streams < policy.streamsPerConnection)
    #expect(!connection.isAsked && !connection.isRetired)
    #expect(now < connection.openedAt + policy.lifetime)
    change(id) { $0.streams += 1 }
  }

  private mutating func apply(_ actions: [Pool<Int>.Action]) {
    for action in actions {
      switch action {
      case .open(let id):
        #expect(!live.contains { $0.id == id })
        let others = live.filter { !$0.connection.isRetired }.map(\.connection)
        // The first is opened alone.
        if !others.contains(where: \.isOpen) { #expect(others.isEmpty) }
        live.append((id, Connection()))
      case .close(let id):
        live.removeAll { $0.id == id }
      case .grant(let waiter, let id):
        #expect(waiter == waiting.first)
        #expect(ended.insert(waiter).inserted)
        waiting.removeAll { $0 == waiter }
        hold(id, waiter)
      case .validate(let id):
        #expect(live.contains { $0.id == id && isFree($0.connection) })
        change(id) { $0.isAsked = true }
      case .leak(let waiter, let id, let length):
        let index = held.firstIndex { $0.waiter == waiter && $0.id == id && !$0.isAnnounced }
        guard let index else {
          Issue.record("announced a leak of nobody")
          continue
        }
        #expect(length == now - held[index].since && length >= policy.leakThreshold)
        held[index].isAnnounced = true
        leaks += 1
      case .refuse(let waiter, let failure):
        #expect(failure.delivery == .notSent)
        #expect(waiting.contains(waiter) && ended.insert(waiter).inserted)
        refusals += 1
        waiting.removeAll { $0 == waiter }
      }
    }
  }

  private mutating func change(_ id: ConnectionID, _ body: (inout Connection) -> Void) {
    guard let index = live.firstIndex(where: { $0.id == id }) else { return }
    body(&live[index].connection)
  }

  // MARK: Invariants

  private func check() {
    let open = live.map(\.connection).filter(\.isOpen)
    let usable = open.filter { !$0.isRetired }
    let connecting = live.count - open.count
    #expect(live.count <= policy.openLimit)
    #expect(connecting <= policy.connectLimit)
    #expect(waiting.count <= policy.waiterLimit)
    let idle = usable.count { $0.streams == 0 }
    #expect(idle <= max(1, policy.idleLimit))
    let snapshot = pool.snapshot
    #expect(snapshot.open == open.count && snapshot.idle == idle)
    #expect(snapshot.active == open.reduce(0) { $0 + $1.streams })
    #expect(snapshot.waiting == waiting.count && snapshot.connecting == connecting)
    #expect(snapshot.leaks == leaks && snapshot.refusals <= refusals)
    #expect(snapshot.refusals <= snapshot.waitCount)
    #expect(pool.isConnected == !usable.isEmpty)
    // It never gives up: something is open, being opened, or due.
    #expect(!live.isEmpty || pool.nextDeadline != nil)
    #expect(opensOnDemand ? pool.crashLoop == nil : pool.crashLoop?.count != 0)
    judgeDeadline()
    guard !waiting.isEmpty else { return }
    // Nobody waits beside a free connection, nor without a cause for hope.
    let oldest = policy.lifetime - .nanoseconds(policy.lifetime.nanoseconds / 10)
    #expect(
      usable.allSatisfy {
        $0.streams == policy.streamsPerConnection || $0.isAsked
          || ($0.streams > 0 && now >= $0.openedAt + oldest)
      })
    #expect(!live.isEmpty || (!opensOnDemand && pool.nextDeadline != nil))
    #expect(pool.crashLoop == nil || !usable.isEmpty)
  }
}
