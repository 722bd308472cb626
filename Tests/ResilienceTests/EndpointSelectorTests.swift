import FleetModel
import Resilience
import TestInputs
import Testing

@Suite struct EndpointSelectorTests {
  private func selector(_ count: Int) -> EndpointSelector {
    EndpointSelector(count: count, policy: FailoverPolicy())
  }

  @Test func `it starts at the most preferred and moves after two failures in a row`() {
    var selector = selector(2)
    #expect(selector.current == 0 && selector.watched == nil)
    #expect(selector.openFailed(at: at(0)) == false)
    selector.opened()
    #expect(selector.openFailed(at: at(1)) == false)
    #expect(selector.openFailed(at: at(2)) == true)
    #expect(selector.current == 1 && selector.watched == 0)
  }

  @Test func `an opening breaker moves at once`() {
    var selector = selector(2)
    #expect(selector.breakerOpened(at: at(0)) == true)
    #expect(selector.current == 1)
  }

  @Test func `the only endpoint is never left`() {
    var selector = selector(1)
    for second in 0..<10 {
      #expect(selector.openFailed(at: at(Double(second))) == false)
      #expect(selector.breakerOpened(at: at(Double(second))) == false)
      #expect(selector.watchedAnswered(isWell: true, at: at(Double(second))) == false)
      #expect(selector.current == 0 && selector.watched == nil)
    }
  }

  @Test func `when all fail it goes round in order`() {
    var selector = selector(3)
    let places = (0..<7).map { second in
      _ = selector.breakerOpened(at: at(Double(second)))
      return selector.current
    }
    #expect(places == [1, 2, 0, 1, 2, 0, 1])
  }

  @Test func `it knows when it comes back to one that failed within a minute`() {
    var selector = selector(2)
    #expect(!selector.hasFailedLately(at: at(0)))
    _ = selector.breakerOpened(at: at(0))
    #expect(!selector.hasFailedLately(at: at(1)))
    _ = selector.breakerOpened(at: at(1))
    #expect(selector.hasFailedLately(at: at(59.9)))
    #expect(!selector.hasFailedLately(at: at(60)))
    _ = selector.breakerOpened(at: at(70))
    #expect(!selector.hasFailedLately(at: at(70)))
    _ = selector.watchedAnswered(isWell: true, at: at(71))
    _ = selector.breakerOpened(at: at(72))
    #expect(!selector.hasFailedLately(at: at(72)))
  }

  @Test func `an endpoint not yet tried comes before one that failed`() {
    var selector = selector(3)
    _ = selector.breakerOpened(at: at(0))
    selector.opened()
    _ = selector.breakerOpened(at: at(3600))
    #expect(selector.current == 2)
  }

  @Test func `one that is well again by its checks comes before one not yet tried`() {
    var selector = selector(3)
    _ = selector.breakerOpened(at: at(0))
    _ = selector.watchedAnswered(isWell: true, at: at(10))
    _ = selector.breakerOpened(at: at(20))
    #expect(selector.current == 0)
  }

  @Test func `it returns after the preferred one was well for a minute`() {
    var selector = selector(2)
    _ = selector.breakerOpened(at: at(0))
    #expect(selector.watchedAnswered(isWell: true, at: at(30)) == false)
    #expect(selector.watchedAnswered(isWell: true, at: at(89.9)) == false)
    #expect(selector.watchedAnswered(isWell: true, at: at(90)) == true)
    #expect(selector.current == 0 && selector.watched == nil)
  }

  @Test func `a failed check starts the wait over`() {
    var selector = selector(2)
    _ = selector.breakerOpened(at: at(0))
    _ = selector.watchedAnswered(isWell: true, at: at(30))
    #expect(selector.watchedAnswered(isWell: false, at: at(60)) == false)
    #expect(selector.watchedAnswered(isWell: true, at: at(90)) == false)
    #expect(selector.watchedAnswered(isWell: true, at: at(149)) == false)
    #expect(selector.watchedAnswered(isWell: true, at: at(150)) == true)
  }

  @Test func `the second choice is found while the first stays away`() {
    var selector = selector(3)
    for _ in 0..<2 { _ = selector.breakerOpened(at: at(0)) }
    #expect(selector.current == 2 && selector.watched == 0)
    _ = selector.watchedAnswered(isWell: false, at: at(30))
    #expect(selector.watched == 1)
    _ = selector.watchedAnswered(isWell: true, at: at(60))
    #expect(selector.watchedAnswered(isWell: true, at: at(120)) == true)
    #expect(selector.current == 1 && selector.watched == 0)
  }

  /// Random courses against a list of what happened.
  @Test(arguments: 0..<60 as Range<UInt64>)
  func `every course keeps the rules`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let count = 1 + random.below(5)
    var selector = selector(count)
    var inARow = 0
    /// When each last failed, as the step's number; nil is never since it was last well.
    var failed = [Int?](repeating: nil, count: count)
    var wellSince: Double?
    for step in 0..<600 {
      let (before, watched) = (selector.current, selector.watched)
      let now = Double(step) * 7
      var (leaves, returns) = (false, false)
      switch random.below(10) {
      case 0..<2:
        selector.opened()
        (inARow, failed[before]) = (0, nil)
      case 2..<5:
        inARow += 1
        leaves = inARow >= 2
        #expect(selector.openFailed(at: at(now)) == (leaves && count > 1))
      case 5:
        leaves = true
        #expect(selector.breakerOpened(at: at(now)) == (count > 1))
      default:
        let isWell = random.chance(95)
        if let watched, isWell { failed[watched] = nil }
        wellSince = isWell && watched != nil ? wellSince ?? now : nil
        returns = wellSince.map { now - $0 >= 60 } ?? false
        #expect(selector.watchedAnswered(isWell: isWell, at: at(now)) == returns)
        if returns { #expect(selector.current == watched) }
      }
      if leaves {
        failed[before] = step
        let others = (0..<count).filter { $0 != before }
        let oldest = others.min { (failed[$0] ?? -1, $0) < (failed[$1] ?? -1, $1) }
        #expect(selector.current == oldest ?? 0)
      }
      if selector.current != before { (inARow, wellSince) = (0, nil) }
      #expect(selector.current == before || leaves || returns)
      if let watched = selector.watched { #expect(watched < selector.current) }
      #expect((selector.watched == nil) == (selector.current == 0))
    }
  }

  @Test(arguments: 0..<30 as Range<UInt64>)
  func `while all fail every endpoint is tried before any a second time`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let count = 2 + random.below(6)
    var selector = selector(count)
    for step in 0..<random.below(50) {
      if random.chance(30) { selector.opened() }
      if random.chance(50) { _ = selector.breakerOpened(at: at(Double(step))) }
      _ = selector.watchedAnswered(isWell: random.chance(80), at: at(Double(step)))
    }
    var places: [Int] = []
    for _ in 0..<5 * count {
      places.append(selector.current)
      _ = selector.breakerOpened(at: at(100))
    }
    for start in 1...4 * count {
      #expect(Set(places[start..<start + count]).count == count)
    }
  }
}
