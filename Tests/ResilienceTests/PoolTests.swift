import FleetModel
import Resilience
import Testing

@Suite struct PoolTests {
  private typealias Actions = [Pool<String>.Action]

  private var random = SplitMix64(seed: 1)
  private let dead = Failure.of(.connectionRefused, delivery: .unknown)

  private func pool(
    onDemand: Bool = true, _ change: (inout PoolPolicy) -> Void = { _ in }
  ) -> Pool<String> {
    var policy = PoolPolicy()
    change(&policy)
    return Pool(policy, opensOnDemand: onDemand, firstNumber: 1)
  }

  private func id(_ number: UInt64) -> ConnectionID { ConnectionID(number: number) }

  /// Started, with connection 1 open at 0 s.
  private mutating func connected(
    onDemand: Bool = true, _ change: (inout PoolPolicy) -> Void = { _ in }
  ) -> Pool<String> {
    var pool = pool(onDemand: onDemand, change)
    _ = pool.start(at: at(0))
    _ = pool.opened(id(1), at: at(0), using: &random)
    return pool
  }

  /// `count` connections open and idle, 1 to `count`.
  private mutating func idle(
    _ count: UInt64, _ change: (inout PoolPolicy) -> Void = { _ in }
  ) -> Pool<String> {
    var pool = connected(change)
    for number in 1...count {
      _ = pool.acquire("\(number)", at: at(0))
      if number > 1 { _ = pool.opened(id(number), at: at(0), using: &random) }
    }
    for number in 1...count {
      _ = pool.release(id(number), by: "\(number)", isBroken: false, at: at(0))
    }
    return pool
  }

  @Test mutating func `it opens one connection and reports it`() {
    var pool = pool()
    #expect(pool.start(at: at(0)) == [.open(id(1))])
    #expect(!pool.isConnected)
    #expect(pool.opened(id(1), at: at(1), using: &random) == [])
    #expect(pool.isConnected && pool.anyOpen() == id(1))
    #expect(pool.snapshot.open == 1 && pool.snapshot.idle == 1 && pool.snapshot.max == 10)
  }

  @Test mutating func `an idle connection is granted at once, the last used first`() {
    var pool = idle(3)
    #expect(pool.acquire("a", at: at(1)) == [.grant("a", id(3))])
    #expect(pool.acquire("b", at: at(1)) == [.grant("b", id(2))])
    _ = pool.release(id(3), by: "a", isBroken: false, at: at(1))
    _ = pool.release(id(2), by: "b", isBroken: false, at: at(1))
    #expect(pool.acquire("c", at: at(2)) == [.grant("c", id(2))])
  }

  @Test mutating func `with none idle it opens more, two at a time`() {
    var pool = connected()
    #expect(pool.acquire("a", at: at(0)) == [.grant("a", id(1))])
    #expect(pool.acquire("b", at: at(0)) == [.open(id(2))])
    #expect(pool.acquire("c", at: at(0)) == [.open(id(3))])
    #expect(pool.acquire("d", at: at(0)) == [])
    #expect(pool.snapshot.waiting == 3)
    #expect(
      pool.opened(id(3), at: at(1), using: &random) == [.grant("b", id(3)), .open(id(4))])
  }

  @Test mutating func `a released connection goes straight to the first who waits`() {
    var pool = connected { $0.openLimit = 1 }
    for waiter in ["a", "b", "c", "d"] { _ = pool.acquire(waiter, at: at(0)) }
    pool.cancel("b")
    #expect(pool.release(id(1), by: "a", isBroken: false, at: at(1)) == [.grant("c", id(1))])
    #expect(pool.release(id(1), by: "c", isBroken: false, at: at(1)) == [.grant("d", id(1))])
    #expect(pool.release(id(1), by: "d", isBroken: false, at: at(1)) == [])
  }

  @Test mutating func `one connection carries as many calls as it has streams`() {
    var pool = connected(onDemand: false) {
      $0 = .stdio
      $0.streamsPerConnection = 2
    }
    #expect(pool.acquire("a", at: at(0)) == [.grant("a", id(1))])
    #expect(pool.acquire("b", at: at(0)) == [.grant("b", id(1))])
    #expect(pool.acquire("c", at: at(0)) == [])
    #expect(pool.snapshot.active == 2 && pool.snapshot.max == 2 && pool.snapshot.waiting == 1)
    #expect(pool.release(id(1), by: "a", isBroken: false, at: at(1)) == [.grant("c", id(1))])
  }

  @Test mutating func `who waits too long is refused unsent`() {
    var pool = connected { $0.openLimit = 1 }
    _ = pool.acquire("a", at: at(0))
    _ = pool.acquire("b", at: at(1))
    #expect(pool.nextDeadline == at(6))
    #expect(pool.timeReached(at(5.9), using: &random) == [])
    let refused = Failure(
      .poolExhausted, "no connection became free within 5.0 s", delivery: .notSent)
    #expect(pool.timeReached(at(6), using: &random) == [.refuse("b", refused)])
    #expect(pool.release(id(1), by: "a", isBroken: false, at: at(7)) == [])
  }

  @Test mutating func `a full queue refuses the next`() {
    var pool = connected {
      $0.openLimit = 1
      $0.waiterLimit = 2
    }
    for waiter in ["a", "b", "c"] { #expect(!isRefusal(pool.acquire(waiter, at: at(0)))) }
    #expect(isRefusal(pool.acquire("d", at: at(0))))
  }

  private func isRefusal(_ actions: Actions) -> Bool {
    if case .refuse(_, let failure)? = actions.first { failure.delivery == .notSent } else { false }
  }

  @Test mutating func `when the only try to connect fails all who wait are told why`() {
    var pool = pool()
    _ = pool.start(at: at(0))
    _ = pool.acquire("a", at: at(0))
    _ = pool.acquire("b", at: at(0))
    var told = dead
    told.delivery = .notSent
    #expect(
      pool.openFailed(id(1), dead, at: at(1), using: &random)
        == [.refuse("a", told), .refuse("b", told)])
    #expect(pool.consecutiveOpenFailures == 1 && pool.lastFailure == dead)
  }

  @Test(arguments: 0..<20)
  func `delays between reconnects double up to the cap and spread by a tenth`(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    var pool = pool(onDemand: false)
    var actions = pool.start(at: at(0))
    var now = at(0)
    for expected in [1.0, 2, 4, 8, 16, 32, 60, 60, 60] {
      guard case .open(let id)? = actions.first else { return #expect(Bool(false)) }
      _ = pool.openFailed(id, dead, at: now, using: &random)
      guard let due = pool.nextDeadline else { return #expect(Bool(false)) }
      let delay = (due - now).seconds
      #expect((expected * 0.9...min(expected * 1.1, 60)).contains(delay))
      #expect(pool.timeReached(due - .nanoseconds(1), using: &random) == [])
      now = due
      actions = pool.timeReached(now, using: &random)
    }
  }

  @Test mutating func `while the delay runs a caller over HTTP starts a connect at once`() {
    var pool = pool()
    _ = pool.start(at: at(0))
    _ = pool.openFailed(id(1), dead, at: at(0), using: &random)
    let due = pool.nextDeadline
    #expect(pool.acquire("a", at: at(0.1)) == [.open(id(2))])
    _ = pool.openFailed(id(2), dead, at: at(0.2), using: &random)
    #expect(pool.nextDeadline == due)
  }

  @Test(arguments: [false, true])
  mutating func `while the delay runs a caller of a child process waits unless it ends too late`(
    endsTooLate: Bool
  ) {
    var pool = pool(onDemand: false) {
      $0.reconnectDelay = .seconds(4)
      if endsTooLate { $0.acquireTimeout = .seconds(3) }
    }
    _ = pool.start(at: at(0))
    _ = pool.openFailed(id(1), dead, at: at(0), using: &random)
    let actions = pool.acquire("a", at: at(0))
    guard endsTooLate else { return #expect(actions == []) }
    guard case .refuse("a", let failure)? = actions.first else { return #expect(Bool(false)) }
    #expect(failure.kind == .notConnected && failure.delivery == .notSent)
    #expect(failure.message.hasPrefix("not connected: no luck; next try in "))
  }

  @Test mutating func `all callers of a child process wait for the one that is being started`() {
    var pool = pool(onDemand: false) { $0 = .stdio }
    #expect(pool.start(at: at(0)) == [.open(id(1))])
    #expect(pool.acquire("a", at: at(0)) == [])
    #expect(pool.acquire("b", at: at(1)) == [])
    #expect(
      pool.opened(id(1), at: at(2), using: &random) == [.grant("a", id(1)), .grant("b", id(1))])
    #expect(pool.snapshot.waitCount == 2 && pool.snapshot.waitTime == .seconds(3))
  }

  @Test mutating func `who waits when the process dies stays for the next if it comes in time`() {
    var pool = connected(onDemand: false) {
      $0 = .stdio
      $0.streamsPerConnection = 1
      $0.acquireTimeout = .seconds(2)
    }
    _ = pool.acquire("a", at: at(0))
    _ = pool.acquire("b", at: at(0))
    _ = pool.acquire("c", at: at(1.9))
    let actions = pool.closed(id(1), dead, at: at(1.95), using: &random)
    guard case .refuse("b", let failure)? = actions.first else { return #expect(Bool(false)) }
    #expect(actions.count == 1 && failure.kind == .notConnected)
    guard let due = pool.nextDeadline else { return #expect(Bool(false)) }
    #expect(pool.timeReached(due, using: &random) == [.open(id(2))])
    #expect(pool.opened(id(2), at: due, using: &random) == [.grant("c", id(2))])
    #expect(pool.snapshot.refusals == 1)
  }

  @Test
  mutating func `a connection that lasted is replaced at once, one that did not after a delay`() {
    var pool = connected(onDemand: false)
    #expect(pool.closed(id(1), dead, at: at(10), using: &random) == [.open(id(2))])
    _ = pool.opened(id(2), at: at(11), using: &random)
    #expect(pool.closed(id(2), dead, at: at(20.9), using: &random) == [])
    #expect(!pool.isConnected)
    guard let due = pool.nextDeadline else { return #expect(Bool(false)) }
    #expect((0.9...1.1).contains((due - at(20.9)).seconds))
    #expect(pool.timeReached(due, using: &random) == [.open(id(3))])
  }

  @Test mutating func `a server that flaps waits longer each time`() {
    var pool = connected(onDemand: false)
    var now = at(1)
    for (step, expected) in [1.0, 2, 4, 8].enumerated() {
      _ = pool.closed(id(UInt64(step + 1)), dead, at: now, using: &random)
      guard let due = pool.nextDeadline else { return #expect(Bool(false)) }
      #expect((expected * 0.9...expected * 1.1).contains((due - now).seconds))
      _ = pool.timeReached(due, using: &random)
      _ = pool.opened(id(UInt64(step + 2)), at: due, using: &random)
      now = due + .seconds(1)
    }
  }

  @Test mutating func `a broken connection is closed and its other calls' releases are ignored`() {
    var pool = connected(onDemand: false) { $0 = .stdio }
    _ = pool.acquire("a", at: at(0))
    _ = pool.acquire("b", at: at(0))
    #expect(
      pool.release(id(1), by: "a", isBroken: true, at: at(60)) == [.close(id(1)), .open(id(2))])
    #expect(pool.release(id(1), by: "b", isBroken: false, at: at(60)) == [])
    #expect(pool.closed(id(1), dead, at: at(60), using: &random) == [])
  }

  @Test mutating func `a connection that died before it was known to be open counts as failed`() {
    var pool = pool()
    _ = pool.start(at: at(0))
    #expect(pool.closed(id(1), dead, at: at(0), using: &random) == [])
    _ = pool.opened(id(1), at: at(0), using: &random)
    #expect(!pool.isConnected && pool.consecutiveOpenFailures == 1)
  }

  @Test mutating func `idle connections leave after their time, but never the last`() {
    var pool = idle(3) { $0.checkInterval = .zero }
    #expect(pool.timeReached(at(10), using: &random) == [])
    #expect(pool.nextDeadline == at(300))
    #expect(pool.timeReached(at(300), using: &random) == [.close(id(1)), .close(id(2))])
    #expect(pool.snapshot.open == 1 && pool.snapshot.closed.idle == 2)
    #expect(pool.timeReached(at(900), using: &random) == [])
  }

  @Test mutating func `no more than the limit stay idle, the longest unused go`() {
    var pool = connected()
    for number in 1...8 as ClosedRange<UInt64> {
      _ = pool.acquire("\(number)", at: at(0))
      if number > 1 { _ = pool.opened(id(number), at: at(0), using: &random) }
    }
    let closed = (1...8).flatMap { pool.release(id($0), by: "\($0)", isBroken: false, at: at(1)) }
    #expect(closed == [.close(id(1)), .close(id(2)), .close(id(3))])
    #expect(pool.snapshot.idle == 5)
  }

  @Test mutating func `a connection lives nine to ten tenths of the lifetime and is replaced`() {
    var pool = connected { $0.checkInterval = .zero }
    _ = pool.timeReached(at(10), using: &random)
    guard let end = pool.nextDeadline else { return #expect(Bool(false)) }
    #expect((1620...1800).contains((end - at(0)).seconds))
    #expect(pool.timeReached(end, using: &random) == [.close(id(1)), .open(id(2))])
    #expect(pool.snapshot.closed.lifetime == 1)
  }

  @Test mutating func `a connection in use outlives its lifetime until it is released`() {
    var pool = connected { $0.leakThreshold = .zero }
    _ = pool.acquire("a", at: at(1600))
    #expect(pool.timeReached(at(1900), using: &random) == [])
    #expect(
      pool.release(id(1), by: "a", isBroken: false, at: at(1900))
        == [.close(id(1)), .open(id(2))])
  }

  @Test mutating func `nobody is granted a connection past its lifetime`() {
    var pool = connected()
    #expect(pool.acquire("a", at: at(1801)) == [.close(id(1)), .open(id(2))])
    #expect(pool.opened(id(2), at: at(1802), using: &random) == [.grant("a", id(2))])
  }

  @Test mutating func `a failed health check takes the idle connections and a good one reconnects`()
  {
    var pool = idle(2)
    _ = pool.acquire("a", at: at(20))
    #expect(pool.invalidateIdle(dead, at: at(20), using: &random) == [.close(id(1))])
    #expect(pool.isConnected)
    _ = pool.release(id(2), by: "a", isBroken: false, at: at(21))
    #expect(pool.invalidateIdle(dead, at: at(22), using: &random) == [.close(id(2))])
    #expect(!pool.isConnected && pool.lastFailure == dead)
    #expect(pool.retryNow(at: at(22.5)) == [.open(id(3))])
    #expect(pool.retryNow(at: at(22.5)) == [])
  }

  @Test mutating func `a stop refuses all who wait and closes everything`() {
    var pool = connected { $0.openLimit = 2 }
    for waiter in ["a", "b", "c"] { _ = pool.acquire(waiter, at: at(0)) }
    let failure = Failure(.shuttingDown, "the engine is shutting down", delivery: .notSent)
    #expect(
      pool.stop()
        == [.refuse("b", failure), .refuse("c", failure), .close(id(1)), .close(id(2))])
    #expect(pool.acquire("d", at: at(0)) == [.refuse("d", failure)])
    #expect(pool.opened(id(2), at: at(1), using: &random) == [.close(id(2))])
    #expect(pool.release(id(1), by: "a", isBroken: false, at: at(1)) == [])
    #expect(pool.snapshot.closed.reset == 1)
    #expect(pool.nextDeadline == nil && pool.start(at: at(2)) == [])
  }
}
