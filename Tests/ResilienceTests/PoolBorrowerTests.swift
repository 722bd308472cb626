import FleetModel
import Resilience
import Testing

@Suite struct PoolBorrowerTests {
  @Test func `who holds a connection for too long is named, once, and keeps it`() {
    var scene = PoolScene(2) { $0.checkInterval = .zero }
    _ = scene.pool.acquire("a", at: at(1))
    _ = scene.pool.acquire("b", at: at(2))
    _ = scene.time(at(10))
    #expect(scene.pool.nextDeadline == at(61))
    #expect(scene.time(at(60.9)) == [])
    #expect(scene.time(at(61)) == [.leak("a", .of(2), held: .seconds(60))])
    #expect(scene.pool.nextDeadline == at(62))
    #expect(scene.time(at(63)) == [.leak("b", .of(1), held: .seconds(61))])
    #expect(scene.time(at(1000)) == [])
    #expect(scene.pool.snapshot.leaks == 2 && scene.pool.snapshot.active == 2)
    #expect(scene.release(2, by: "a", at: at(1000)) == [])
  }

  @Test func `each grant counts for itself, on one connection too`() {
    var scene = PoolScene(onDemand: false)
    for (index, waiter) in ["a", "b", "c"].enumerated() {
      _ = scene.pool.acquire(waiter, at: at(Double(index)))
    }
    #expect(scene.time(at(60)) == [.leak("a", .of(1), held: .seconds(60))])
    _ = scene.release(1, by: "a", at: at(60.5))
    _ = scene.release(1, by: "b", at: at(60.5))
    #expect(scene.pool.acquire("a", at: at(61)) == [.grant("a", .of(1))])
    #expect(scene.time(at(62)) == [.leak("c", .of(1), held: .seconds(60))])
    #expect(scene.time(at(121)) == [.leak("a", .of(1), held: .seconds(60))])
  }

  @Test func `who lost its connection is not named`() {
    var scene = PoolScene(onDemand: false)
    _ = scene.pool.acquire("a", at: at(0))
    _ = scene.closed(1, at: at(20))
    _ = scene.opened(2, at: at(20))
    #expect(scene.time(at(60)).allSatisfy { $0 == .validate(.of(2)) })
    #expect(scene.pool.snapshot.leaks == 0)
  }

  @Test func `a second sending gets an idle connection or none`() {
    var scene = PoolScene(2) { $0.openLimit = 3 }
    #expect(scene.pool.acquire("a", at: at(0)) == [.grant("a", .of(2))])
    #expect(scene.pool.takeFree("a", at: at(1)) == .of(1))
    #expect(scene.pool.takeFree("b", at: at(1)) == nil)
    #expect(scene.pool.snapshot.connecting == 0 && scene.pool.snapshot.waiting == 0)
    #expect(scene.release(2, by: "a", at: at(2)) == [])
    #expect(scene.time(at(61)).contains(.leak("a", .of(1), held: .seconds(60))))
    #expect(scene.release(1, by: "a", at: at(62)) == [])
    #expect(scene.pool.snapshot.active == 0)
  }

  @Test func `a second sending takes no stream of a connection in use`() {
    var scene = PoolScene(onDemand: false)
    _ = scene.pool.acquire("a", at: at(0))
    #expect(scene.pool.takeFree("a", at: at(1)) == nil)
  }

  @Test func `waits are counted with their length, and those in vain`() {
    var scene = PoolScene { $0.openLimit = 1 }
    _ = scene.pool.acquire("a", at: at(0))
    for waiter in ["b", "c", "d"] { _ = scene.pool.acquire(waiter, at: at(1)) }
    _ = scene.release(1, by: "a", at: at(3))
    scene.pool.cancel("c")
    _ = scene.time(at(6))
    let snapshot = scene.pool.snapshot
    #expect(snapshot.waitCount == 2 && snapshot.refusals == 1)
    #expect(snapshot.waitTime == .seconds(2 + 5))
  }
}
