import FleetModel
import Resilience
import Testing

@Suite struct PoolValidationTests {
  @Test func `who was neither used nor asked for the interval is asked, once`() {
    var scene = PoolScene(2)
    _ = scene.pool.acquire("a", at: at(20))
    _ = scene.release(2, by: "a", at: at(20))
    #expect(scene.time(at(29.9)) == [])
    #expect(scene.time(at(30)) == [.validate(.of(1))])
    #expect(scene.time(at(31)) == [])
    #expect(scene.validated(1, works: true, at: at(32)) == [])
    #expect(scene.time(at(50)) == [.validate(.of(2))])
    #expect(scene.time(at(61.9)) == [])
    #expect(scene.time(at(62)) == [.validate(.of(1))])
  }

  @Test func `while it is asked it is not granted, though still open and idle`() {
    var scene = PoolScene(2)
    _ = scene.pool.acquire("a", at: at(20))
    _ = scene.release(2, by: "a", at: at(20))
    #expect(scene.time(at(30)) == [.validate(.of(1))])
    #expect(scene.pool.snapshot.idle == 2 && scene.pool.snapshot.open == 2)
    #expect(scene.pool.acquire("b", at: at(30)) == [.grant("b", .of(2))])
    #expect(scene.pool.takeFree("c", at: at(30)) == nil)
  }

  @Test func `who needs the only one while it is asked waits for its answer`() {
    var scene = PoolScene()
    _ = scene.time(at(30))
    #expect(scene.pool.acquire("a", at: at(31)) == [])
    #expect(scene.validated(1, works: true, at: at(32)) == [.grant("a", .of(1))])
  }

  @Test func `one more than it can serve has another opened`() {
    var scene = PoolScene()
    _ = scene.time(at(30))
    #expect(scene.pool.acquire("a", at: at(31)) == [])
    #expect(scene.pool.acquire("b", at: at(31)) == [.open(.of(2))])
  }

  @Test(arguments: [true, false])
  func `one that does not work is closed and replaced at once`(hasWaiter: Bool) {
    var scene = PoolScene()
    _ = scene.time(at(30))
    if hasWaiter { #expect(scene.pool.acquire("a", at: at(31)) == []) }
    #expect(scene.validated(1, works: false, at: at(32)) == [.close(.of(1)), .open(.of(2))])
    #expect(scene.pool.snapshot.closed.health == 1 && scene.pool.lastFailure == scene.dead)
    #expect(scene.opened(2, at: at(33)) == (hasWaiter ? [.grant("a", .of(2))] : []))
  }

  @Test func `among several the dead one goes and nothing is opened that nobody needs`() {
    var scene = PoolScene(2)
    #expect(scene.time(at(30)) == [.validate(.of(1)), .validate(.of(2))])
    #expect(scene.validated(1, works: false, at: at(31)) == [.close(.of(1))])
    #expect(scene.validated(2, works: true, at: at(31)) == [])
    #expect(scene.pool.snapshot.open == 1)
  }

  @Test func `a process with a call on it is not taken out of service`() {
    var scene = PoolScene(onDemand: false)
    _ = scene.pool.acquire("a", at: at(1))
    #expect(scene.time(at(50)) == [])
    #expect(scene.pool.acquire("b", at: at(100)) == [.grant("b", .of(1))])
    _ = scene.release(1, by: "a", at: at(101))
    #expect(scene.time(at(131)) == [])
    _ = scene.release(1, by: "b", at: at(140))
    #expect(scene.time(at(170)) == [.validate(.of(1))])
  }

  @Test func `answers about what was closed or not asked change nothing`() {
    var scene = PoolScene(2)
    #expect(scene.validated(1, works: false, at: at(1)) == [])
    _ = scene.time(at(30))
    _ = scene.closed(1, at: at(31))
    #expect(scene.validated(1, works: false, at: at(32)) == [])
    #expect(scene.validated(9, works: false, at: at(32)) == [])
    #expect(scene.pool.snapshot.open == 1)
  }

  @Test func `one whose life ends while it is asked is not granted afterwards`() {
    var scene = PoolScene {
      $0.lifetime = .seconds(40)
      $0.acquireTimeout = .seconds(20)
    }
    #expect(scene.time(at(30)) == [.validate(.of(1))])
    #expect(scene.pool.acquire("a", at: at(35)) == [])
    #expect(scene.time(at(40)) == [.close(.of(1)), .open(.of(2))])
    #expect(scene.validated(1, works: true, at: at(41)) == [])
    #expect(scene.opened(2, at: at(42)) == [.grant("a", .of(2))])
  }

  @Test func `without an interval nobody is asked`() {
    var scene = PoolScene { $0.checkInterval = .zero }
    #expect(scene.time(at(1000)) == [])
  }
}
