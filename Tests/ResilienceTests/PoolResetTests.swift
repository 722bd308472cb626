import FleetModel
import Resilience
import Testing

@Suite struct PoolResetTests {
  @Test func `the idle close now, those in use when they are given back, and it connects anew`() {
    var scene = PoolScene(3)
    _ = scene.pool.acquire("a", at: at(1))
    #expect(
      scene.pool.reset(at: at(2)) == [.close(.of(1)), .close(.of(2)), .open(.of(4))])
    #expect(!scene.pool.isConnected && scene.pool.anyOpen() == nil)
    #expect(scene.pool.snapshot.open == 1 && scene.pool.snapshot.active == 1)
    #expect(scene.opened(4, at: at(3)) == [])
    #expect(scene.release(3, by: "a", at: at(4)) == [.close(.of(3))])
    #expect(scene.pool.snapshot.closed.reset == 3 && scene.pool.snapshot.open == 1)
  }

  @Test func `a process with free streams takes no more calls, and its successor comes after it`() {
    var scene = PoolScene(onDemand: false)
    _ = scene.pool.acquire("a", at: at(1))
    _ = scene.pool.acquire("b", at: at(1))
    #expect(scene.pool.reset(at: at(2)) == [])
    #expect(scene.pool.acquire("c", at: at(2)) == [])
    #expect(scene.release(1, by: "a", at: at(3)) == [])
    #expect(scene.release(1, by: "b", at: at(3)) == [.close(.of(1)), .open(.of(2))])
    #expect(scene.opened(2, at: at(4)) == [.grant("c", .of(2))])
  }

  @Test func `who waits stays, and connections under way are begun anew`() {
    var scene = PoolScene(0)
    #expect(scene.pool.acquire("a", at: at(0)) == [])
    #expect(scene.pool.reset(at: at(1)) == [.close(.of(1)), .open(.of(2))])
    #expect(scene.opened(1, at: at(2)) == [.close(.of(1))])
    #expect(scene.opened(2, at: at(2)) == [.grant("a", .of(2))])
  }

  @Test func `a delay that runs and a crash loop are over`() {
    var scene = PoolScene(0, onDemand: false)
    for number in 1...4 as ClosedRange<UInt64> {
      _ = scene.openFailed(number, at: at(100 * Double(number)))
      if number < 4 { _ = scene.time(at(100 * Double(number) + 99)) }
    }
    #expect(scene.pool.crashLoop != nil)
    #expect(scene.pool.reset(at: at(401)) == [.open(.of(5))])
    #expect(scene.pool.crashLoop == nil && scene.pool.consecutiveOpenFailures == 0)
    _ = scene.openFailed(5, at: at(402))
    guard let due = scene.pool.nextDeadline else { return #expect(Bool(false)) }
    #expect((0.9...1.1).contains((due - at(402)).seconds))
  }

  @Test func `the death of a retired one says nothing of the new ones`() {
    var scene = PoolScene(2)
    _ = scene.pool.acquire("a", at: at(1))
    _ = scene.pool.reset(at: at(2))
    #expect(scene.closed(2, at: at(3)) == [])
    #expect(scene.pool.lastFailure == nil && scene.pool.snapshot.closed.error == 1)
    #expect(scene.release(2, by: "a", at: at(4)) == [])
  }

  @Test func `nothing comes of it after the end`() {
    var scene = PoolScene()
    _ = scene.pool.stop()
    #expect(scene.pool.reset(at: at(1)) == [])
  }
}
