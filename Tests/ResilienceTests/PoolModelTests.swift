import FleetModel
import Resilience
import Testing

/// Random interleavings of callers, connections, deaths and the clock against the pool's invariants.
@Suite struct PoolModelTests {
  @Test(arguments: 0..<40)
  func `every interleaving keeps the invariants and loses nobody`(seed: Int) {
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
    var streams = 0
  }

  private var random: SplitMix64
  private let policy: PoolPolicy
  private let opensOnDemand: Bool
  private var pool: Pool<Int>
  private var now = Instant.origin
  private var live: [(id: ConnectionID, connection: Connection)] = []
  /// First come first.
  private var waiting: [Int] = []
  private var held: [ConnectionID] = []
  private var ended: Set<Int> = []
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
      apply(pool.retryNow(at: now))
      check()
    }
    #expect(waiting.isEmpty)
    #expect(pool.snapshot.active == 0 && pool.isConnected)
    let newcomer = acquire()
    #expect(ended.contains(newcomer) && held.count == 1)
    #expect(ended.count == lastWaiter)
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
    let id = held.remove(at: random.below(held.count))
    change(id) { $0.streams -= 1 }
    apply(pool.release(id, isBroken: isBroken, at: now))
  }

  private mutating func finishConnect(isGood: Bool) {
    guard let id = live.filter({ !$0.connection.isOpen }).randomElement(using: &random)?.id else {
      return
    }
    if isGood {
      change(id) { [now] in
        $0.isOpen = true
        $0.openedAt = now
      }
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
    if let due = pool.nextDeadline { #expect(due > now) }
  }

  // MARK: Actions

  private mutating func apply(_ actions: [Pool<Int>.Action]) {
    for action in actions {
      switch action {
      case .open(let id):
        #expect(!live.contains { $0.id == id })
        live.append((id, Connection()))
      case .close(let id):
        live.removeAll { $0.id == id }
      case .grant(let waiter, let id):
        #expect(waiter == waiting.first)
        #expect(ended.insert(waiter).inserted)
        waiting.removeAll { $0 == waiter }
        held.append(id)
        guard let connection = live.first(where: { $0.id == id })?.connection else {
          Issue.record("granted a connection that is gone")
          continue
        }
        #expect(connection.isOpen && connection.streams < policy.streamsPerConnection)
        #expect(now < connection.openedAt + policy.lifetime)
        change(id) { $0.streams += 1 }
      case .refuse(let waiter, let failure):
        #expect(failure.delivery == .notSent)
        #expect(waiting.contains(waiter) && ended.insert(waiter).inserted)
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
    let connecting = live.count - open.count
    #expect(live.count <= policy.openLimit)
    #expect(connecting <= Pool<Int>.connectLimit)
    #expect(waiting.count <= policy.waiterLimit)
    let idle = open.count { $0.streams == 0 }
    #expect(idle <= max(1, policy.idleLimit))
    let snapshot = pool.snapshot
    #expect(snapshot.open == open.count && snapshot.idle == idle)
    #expect(snapshot.active == open.reduce(0) { $0 + $1.streams })
    #expect(snapshot.waiting == waiting.count)
    #expect(pool.isConnected == !open.isEmpty)
    // It never gives up: something is open, being opened, or due.
    #expect(!live.isEmpty || pool.nextDeadline != nil)
    guard !waiting.isEmpty else { return }
    // Nobody waits beside a free connection, nor without a cause for hope.
    let oldest = policy.lifetime - .nanoseconds(policy.lifetime.nanoseconds / 10)
    #expect(
      open.allSatisfy {
        $0.streams == policy.streamsPerConnection
          || ($0.streams > 0 && now >= $0.openedAt + oldest)
      })
    #expect(!live.isEmpty)
  }
}
