import FleetModel
import Resilience
import Testing

@Suite struct PoolCrashLoopTests {
  /// A child process that ended so often in a row; the last one is due to be started again.
  private func crashed(_ count: Int, onDemand: Bool = false) -> PoolScene {
    var scene = PoolScene(0, onDemand: onDemand)
    for number in 1...UInt64(count) {
      // Every other one comes up and dies young.
      if number % 2 == 0 {
        _ = scene.opened(number, at: at(100 * Double(number)))
        _ = scene.closed(number, at: at(100 * Double(number) + 9))
      } else {
        _ = scene.openFailed(number, at: at(100 * Double(number) + 9))
      }
      if number < count { _ = scene.time(at(100 * Double(number) + 99)) }
    }
    return scene
  }

  @Test(arguments: 1...5)
  func `failed starts and early deaths in a row make one, with its reason and its next try`(
    count: Int
  ) {
    let scene = crashed(count)
    guard count >= 3 else { return #expect(scene.pool.crashLoop == nil) }
    let loop = scene.pool.crashLoop
    #expect(loop?.count == count && loop?.failure == scene.dead)
    #expect(loop?.nextTry != nil && loop?.nextTry == scene.pool.nextDeadline)
  }

  @Test func `a server over HTTP never is in one`() {
    #expect(crashed(5, onDemand: true).pool.crashLoop == nil)
  }

  @Test func `callers are refused at once, even while it is started again`() {
    var scene = crashed(3)
    guard case .refuse("a", let failure)? = scene.pool.acquire("a", at: at(309)).first else {
      return #expect(Bool(false))
    }
    #expect(failure.kind == .notConnected && failure.delivery == .notSent)
    #expect(failure.message.hasPrefix("not connected after 3 ends in a row: no luck; next try"))
    #expect(scene.time(at(399)) == [.open(.of(4))])
    #expect(scene.pool.crashLoop?.nextTry == nil && scene.pool.crashLoop?.count == 3)
    guard case .refuse("b", _)? = scene.pool.acquire("b", at: at(399)).first else {
      return #expect(Bool(false))
    }
  }

  @Test func `who waited when it began is refused`() {
    var scene = crashed(2)
    #expect(scene.time(at(290)) == [.open(.of(3))])
    #expect(scene.pool.acquire("a", at: at(290)) == [])
    guard case .refuse("a", let failure)? = scene.openFailed(3, at: at(291)).first else {
      return #expect(Bool(false))
    }
    #expect(failure.message == scene.dead.message)
  }

  @Test func `it serves calls as soon as it is up, but is over only when it has stayed up`() {
    var scene = crashed(3)
    _ = scene.time(at(400))
    _ = scene.opened(4, at: at(400))
    #expect(scene.pool.acquire("a", at: at(401)) == [.grant("a", .of(4))])
    #expect(scene.pool.crashLoop?.count == 3)
    #expect(scene.pool.nextDeadline == at(410))
    _ = scene.time(at(409.9))
    #expect(scene.pool.crashLoop != nil)
    _ = scene.time(at(410))
    #expect(scene.pool.crashLoop == nil)
  }

  @Test func `ends beside one that has stayed up make none, and count no more when it is gone`() {
    var scene = PoolScene(1, onDemand: false) {
      $0.openLimit = 2
      $0.streamsPerConnection = 1
    }
    _ = scene.time(at(10))
    _ = scene.pool.acquire("a", at: at(20))
    for number in 2...UInt64(6) {
      let now = at(100 * Double(number))
      _ = scene.time(now)
      #expect(scene.pool.acquire("\(number)", at: now) == [.open(.of(number))])
      if number % 2 == 0 {
        _ = scene.opened(number, at: now)
        _ = scene.closed(number, at: now)
      } else {
        _ = scene.openFailed(number, at: now)
      }
      #expect(scene.pool.crashLoop == nil)
    }
    _ = scene.closed(1, at: at(700))
    _ = scene.openFailed(7, at: at(701))
    #expect(scene.pool.crashLoop == nil)
  }

  @Test func `after it was over the delays begin from the first again`() {
    var scene = crashed(4)
    _ = scene.time(at(500))
    _ = scene.opened(5, at: at(500))
    _ = scene.time(at(510))
    #expect(scene.closed(5, at: at(511)) == [.open(.of(6))])
    _ = scene.openFailed(6, at: at(511))
    guard let due = scene.pool.nextDeadline else { return #expect(Bool(false)) }
    #expect((0.9...1.1).contains((due - at(511)).seconds))
  }

  @Test func `a process given back broken counts, and its last words come later`() {
    var scene = crashed(2)
    _ = scene.time(at(300))
    _ = scene.opened(3, at: at(300))
    _ = scene.pool.acquire("a", at: at(301))
    _ = scene.pool.release(.of(3), by: "a", isBroken: true, at: at(302))
    #expect(scene.pool.crashLoop?.count == 3)
    _ = scene.closed(3, at: at(302))
    #expect(scene.pool.crashLoop?.count == 3 && scene.pool.crashLoop?.failure == scene.dead)
  }
}
