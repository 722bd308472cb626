import FleetModel
import Resilience
import Testing

/// Bugs that other pools had, each with its number in the list of known pitfalls.
@Suite struct PoolPitfallTests {
  @Test func `a grant that came too late for its waiter goes on to the next (pitfall 25)`() {
    var scene = PoolScene { $0.openLimit = 1 }
    for waiter in ["a", "b", "c"] { _ = scene.pool.acquire(waiter, at: at(0)) }
    #expect(scene.release(1, by: "a", at: at(1)) == [.grant("b", .of(1))])
    scene.pool.cancel("b")
    #expect(scene.release(1, by: "b", at: at(1)) == [.grant("c", .of(1))])
    _ = scene.release(1, by: "c", at: at(1))
    #expect(scene.pool.snapshot.active == 0 && scene.pool.snapshot.idle == 1)
  }

  @Test func `the first who still waits gets the connection itself (pitfall 26)`() {
    var scene = PoolScene { $0.openLimit = 1 }
    for waiter in ["a", "b", "c"] { _ = scene.pool.acquire(waiter, at: at(0)) }
    scene.pool.cancel("b")
    #expect(scene.release(1, by: "a", at: at(1)) == [.grant("c", .of(1))])
    #expect(scene.pool.takeFree("d", at: at(1)) == nil, "it was never free in between")
  }

  @Test func `ten thousand who gave up take no place in the queue (pitfall 27)`() {
    var scene = PoolScene {
      $0.openLimit = 1
      $0.waiterLimit = 1
    }
    _ = scene.pool.acquire("a", at: at(0))
    for number in 0..<10_000 {
      #expect(scene.pool.acquire("w\(number)", at: at(1)) == [])
      scene.pool.cancel("w\(number)")
    }
    #expect(scene.pool.snapshot.waiting == 0)
    #expect(scene.pool.acquire("b", at: at(2)) == [])
    #expect(scene.release(1, by: "a", at: at(3)) == [.grant("b", .of(1))])
  }

  @Test func `a connect outlives the caller who wanted it, and counts (pitfall 29)`() {
    var scene = PoolScene { $0.openLimit = 2 }
    _ = scene.pool.acquire("a", at: at(0))
    #expect(scene.pool.acquire("b", at: at(0)) == [.open(.of(2))])
    scene.pool.cancel("b")
    #expect(scene.pool.acquire("c", at: at(1)) == [], "two of two are open or being opened")
    #expect(scene.opened(2, at: at(2)) == [.grant("c", .of(2))])
    #expect(scene.release(2, by: "c", at: at(3)) == [])
    #expect(scene.pool.snapshot.open == 2 && scene.pool.snapshot.idle == 1)
  }

  @Test func `connections opened together do not expire together (pitfall 30)`() {
    var scene = PoolScene(10) {
      $0.idleLimit = 10
      $0.idleTimeout = .seconds(100_000)
      $0.checkInterval = .zero
    }
    var ends: [Instant] = []
    while ends.count < 10, let due = scene.pool.nextDeadline {
      ends += scene.time(due).filter { if case .close = $0 { true } else { false } }.map { _ in due
      }
    }
    #expect(Set(ends).count == 10)
    #expect(ends.allSatisfy { (1620...1800).contains(($0 - at(0)).seconds) })
  }
}
