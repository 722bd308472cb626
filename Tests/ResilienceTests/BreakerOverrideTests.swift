import FleetModel
import Resilience
import Testing

@Suite struct BreakerOverrideTests {
  @Test func `forced open lets nothing through and says who, why and how long`() {
    var breaker = Breaker(BreakerPolicy())
    breaker.override(.byAnna(.open), at: at(10))
    #expect(
      breaker.call(.success, at: 70)
        == .init(retryAfter: .seconds(840), reason: "breaker forced open by anna: deploy of v2"))
    let picture = breaker.picture(at: 70)
    #expect(picture.state == .forcedOpen)
    #expect(picture.reason == "forced open by anna: deploy of v2")
    #expect(
      picture.override
        == BreakerOverrideSnapshot(
          kind: .open, reason: "deploy of v2", owner: "anna", since: civil(10), until: civil(910)))
    #expect(
      picture.transitions.map(\.reason) == ["forced open by anna for 15 min: deploy of v2"])
  }

  @Test func `forced open ends in half-open, where probes decide`() {
    var breaker = Breaker(BreakerPolicy())
    breaker.override(.byAnna(.open), at: at(0))
    #expect(breaker.overrideEnd == at(900))
    #expect(breaker.timeReached(at(899)) == nil)
    #expect(breaker.timeReached(at(900)) == .byAnna(.open))
    #expect(breaker.timeReached(at(900)) == nil && breaker.overrideEnd == nil)
    #expect(breaker.state(at: at(900)) == .halfOpen)
    #expect(breaker.reason == "override by anna is over (15 min); probing")
    #expect(breaker.picture(at: 900).override == nil)
    breaker.call(.failure("503"), at: 901)
    #expect(breaker.openUntil == at(931))
  }

  @Test func `held closed counts, but no rule opens it while it lasts`() {
    var policy = BreakerPolicy()
    policy.slowCallDuration = .seconds(2)
    var breaker = Breaker.opened(at: 0, policy)
    breaker.override(.byAnna(.closed), at: at(1))
    for _ in 0..<20 {
      #expect(breaker.call(.failure("503"), after: .seconds(3), at: 870) == nil)
    }
    let picture = breaker.picture(at: 870)
    #expect(picture.state == .closed && picture.reason == "held closed by anna: deploy of v2")
    #expect(picture.consecutiveFailures == 20)
    #expect(picture.failureRate == 1 && picture.slowCallRate == 1)
  }

  @Test func `after held closed the next failure that meets a rule opens it`() throws {
    var breaker = Breaker(BreakerPolicy())
    breaker.override(.byAnna(.closed), at: at(0))
    for _ in 0..<6 { breaker.call(.failure("503"), at: 899) }
    let underWay = try breaker.admit(at: at(899)).get()
    #expect(breaker.timeReached(at(900)) == .byAnna(.closed))
    #expect(breaker.state(at: at(900)) == .closed)
    #expect(breaker.reason == "override by anna is over (15 min); the rules go on")
    breaker.record(underWay, .failure("timeout"), after: .zero, at: at(901))
    #expect(
      breaker.reason == "7 consecutive failures: 503, 503, 503, 503, 503, 503, timeout")
  }

  @Test func `disabled lets everything through and counts nothing`() {
    var breaker = Breaker.opened(at: 0)
    breaker.override(.byAnna(.disabled), at: at(1))
    for _ in 0..<20 { #expect(breaker.call(.failure("503"), at: 2) == nil) }
    var picture = breaker.picture(at: 2)
    #expect(picture.state == .disabled && picture.reason == "disabled by anna: deploy of v2")
    #expect(picture.consecutiveFailures == 0 && picture.failureRate == nil)
    #expect(breaker.timeReached(at(901)) == .byAnna(.disabled))
    picture = breaker.picture(at: 901)
    #expect(picture.state == .closed && picture.consecutiveFailures == 0)
    #expect(
      picture.transitions.last?.reason == "override by anna is over (15 min); counting from zero")
  }

  @Test(arguments: BreakerOverride.Kind.allCases)
  func `without a time to live it lasts until the reset`(kind: BreakerOverride.Kind) {
    var breaker = Breaker(BreakerPolicy())
    breaker.override(.byAnna(kind, minutes: 0), at: at(0))
    #expect(breaker.overrideEnd == nil)
    #expect(breaker.timeReached(at(1e9)) == nil)
    #expect(breaker.picture(at: 1e9).override?.until == nil)
    #expect(breaker.picture(at: 1e9).override?.kind == kind)
    breaker.reset(at: at(1e9))
    #expect(breaker.picture(at: 1e9) == BreakerSnapshot())
  }

  @Test func `forced open until reset cannot say how long`() {
    var breaker = Breaker(BreakerPolicy())
    breaker.override(.byAnna(.open, minutes: 0), at: at(0))
    #expect(breaker.call(.success, at: 1)?.retryAfter == nil)
    #expect(
      breaker.drainTransitions().map(\.reason)
        == ["forced open by anna until reset: deploy of v2"])
  }

  @Test func `a new override replaces the old one`() {
    var breaker = Breaker(BreakerPolicy())
    breaker.override(.byAnna(.open), at: at(0))
    breaker.override(
      BreakerOverride(.disabled, reason: "", owner: "ben", timeToLive: .seconds(90)), at: at(10))
    #expect(breaker.state(at: at(10)) == .disabled)
    #expect(breaker.overrideEnd == at(100))
    #expect(breaker.timeReached(at(950))?.owner == "ben")
    #expect(
      breaker.drainTransitions().map(\.reason) == [
        "forced open by anna for 15 min: deploy of v2", "disabled by ben for 90 s",
        "override by ben is over (90 s); counting from zero",
      ])
  }

  @Test(arguments: [
    ("anna", "", "forced open by anna"), ("", "deploy", "forced open: deploy"),
    ("", "", "forced open"), ("anna", " \n", "forced open by anna"),
    ("anna", "\u{1b}[31mred", "forced open by anna: \u{1b}[31mred"),
  ])
  func `any owner and reason read well`(owner: String, text: String, expected: String) {
    var breaker = Breaker(BreakerPolicy())
    breaker.override(BreakerOverride(.open, reason: text, owner: owner), at: at(0))
    #expect(breaker.reason == expected)
    _ = breaker.timeReached(at(900))
    let whose = owner.isEmpty ? "" : " by \(owner)"
    #expect(breaker.reason == "override\(whose) is over (15 min); probing")
  }

  @Test(arguments: ["x", "é", "e\u{301}\u{302}"])
  func `owner and reason are cut at 200 characters`(letter: String) throws {
    var breaker = Breaker(BreakerPolicy())
    let long = String(repeating: letter, count: 1000)
    breaker.override(BreakerOverride(.open, reason: long, owner: long), at: at(0))
    let override = try #require(breaker.picture(at: 0).override)
    #expect(override.reason.unicodeScalars.count == 200)
    #expect(override.owner.unicodeScalars.count == 200)
    #expect(long.hasPrefix(override.owner.prefix(60)))
  }

  @Test(arguments: [
    (90, "90 s"), (150, "2 min 30 s"), (900, "15 min"), (3600, "1 h"), (5400, "1 h 30 min"),
    (86_400, "24 h"),
  ])
  func `a lease's length is told in the largest fitting units`(seconds: Int, expected: String) {
    var breaker = Breaker(BreakerPolicy())
    breaker.override(
      BreakerOverride(.open, owner: "anna", timeToLive: .seconds(seconds)), at: at(0))
    #expect(breaker.transitions.last?.reason == "forced open by anna for \(expected)")
  }

  @Test func `results of calls from before an override are stale`() throws {
    var breaker = Breaker(BreakerPolicy())
    for kind in BreakerOverride.Kind.allCases {
      breaker.reset(at: at(0))
      let old = try breaker.admit(at: at(0)).get()
      breaker.override(.byAnna(kind), at: at(1))
      breaker.record(old, .failure("503"), after: .zero, at: at(2))
      #expect(breaker.consecutiveFailures == 0 && breaker.staleResults == 1)
    }
  }

  @Test func `what an operator ordered outlives the endpoint`() {
    for kind in BreakerOverride.Kind.allCases {
      var breaker = Breaker(BreakerPolicy())
      breaker.override(.byAnna(kind), at: at(0))
      breaker.call(.failure("503"), at: 1)
      let before = breaker.state(at: at(1))
      breaker.startAnew(reason: "calls go to the second endpoint", at: at(2))
      let picture = breaker.picture(at: 2)
      #expect(picture.state == before && picture.override?.kind == kind)
      #expect(picture.consecutiveFailures == 0)
    }
  }
}
