import FleetModel
import Resilience
import Testing

@Suite struct BreakerTests {
  /// Calls as `x` failed, `o` went well, `n` neutral, `~` the open time passes; states after each.
  @Test(arguments: [
    ("xxxxx", "ccccO"),
    ("xxxxoxxxxx", "cccccccccO"),
    ("xxxxnx", "cccccO"),
    ("ooooonnnnn", "cccccccccc"),
    ("xoxoxoxoxox", "ccccccccccO"),
    ("oxoxoxoxox", "cccccccccO"),
    ("ooooooxxxx", "cccccccccc"),
    ("ooooooooooxxxxo", "ccccccccccccccc"),
    ("xxxxx~oo", "ccccOhhc"),
    ("xxxxx~no", "ccccOhhh"),
    ("xxxxx~ox", "ccccOhhO"),
    ("xxxxx~x~oo", "ccccOhOhhc"),
    ("xxxxx~ooxxxx", "ccccOhhccccc"),
  ])
  func `a course of calls leads through these states`(calls: String, expected: String) {
    var breaker = Breaker(BreakerPolicy())
    var seconds = 0.0
    var states = ""
    for letter in calls {
      switch letter {
      case "x": breaker.call(.failure("503"), at: seconds)
      case "o": breaker.call(.success, at: seconds)
      case "n": breaker.call(.neutral, at: seconds)
      default: seconds += 30
      }
      switch breaker.state(at: at(seconds)) {
      case .closed: states += "c"
      case .open: states += "O"
      case .halfOpen: states += "h"
      case .forcedOpen, .disabled: states += "?"
      }
    }
    #expect(states == expected)
  }

  @Test func `the reason names the failures in a row`() {
    var breaker = Breaker.opened(at: 1)
    let reason = "5 consecutive failures: 503, 503, timeout, 503, refused"
    #expect(breaker.reason == reason)
    #expect(breaker.openUntil == at(31))
    #expect(breaker.consecutiveFailures == 5)
    #expect(
      breaker.drainTransitions() == [
        Breaker.Transition(from: .closed, to: .open, at: at(1), reason: reason)
      ])
  }

  @Test func `a long row of failures is named by its newest`() {
    var policy = BreakerPolicy()
    policy.failureLimit = 12
    policy.sampleMinimum = 100
    var breaker = Breaker(policy)
    for number in 1...12 { breaker.call(.failure("\(number)"), at: 0) }
    #expect(
      breaker.reason == "12 consecutive failures: …, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12")
  }

  @Test func `the reason names the share of failures`() {
    var breaker = Breaker(BreakerPolicy())
    for letter in "oooooxxoxxxx" {
      breaker.call(letter == "x" ? .failure("500") : .success, at: 0)
    }
    #expect(breaker.state(at: at(0)) == .open)
    #expect(breaker.reason == "6 of 12 calls failed in 60 s")
    #expect(breaker.picture(at: 0).failureRate == 0.5)
  }

  @Test func `an open breaker admits nothing before its time and says how long`() {
    var breaker = Breaker.opened(at: 0)
    #expect(
      breaker.call(.success, at: 29.5)
        == .init(
          retryAfter: .milliseconds(500),
          reason: "breaker open: 5 consecutive failures: 503, 503, timeout, 503, refused"))
    #expect(breaker.call(.success, at: 30) == nil)
  }

  @Test func `the way back is told in words and numbers`() {
    var breaker = Breaker.opened(at: 0)
    breaker.call(.failure("503"), at: 30)
    breaker.call(.success, at: 60)
    breaker.call(.success, at: 61)
    #expect(
      breaker.drainTransitions().dropFirst() == [
        .init(from: .open, to: .halfOpen, at: at(30), reason: "30 s open time over"),
        .init(from: .halfOpen, to: .open, at: at(30), reason: "probe failed: 503"),
        .init(from: .open, to: .halfOpen, at: at(60), reason: "30 s open time over"),
        .init(from: .halfOpen, to: .closed, at: at(61), reason: "2 probes succeeded"),
      ])
    #expect(breaker.picture(at: 61).failureRate == nil)
  }

  @Test func `half-open says how many probes are out`() {
    var breaker = Breaker.opened(at: 0)
    for _ in 0..<3 { _ = breaker.admit(at: at(30)) }
    #expect(
      breaker.call(.success, at: 31)
        == .init(retryAfter: nil, reason: "breaker half-open: 3 of 3 probes are out"))
  }

  @Test func `a probe is recorded once`() throws {
    var breaker = Breaker.opened(at: 0)
    let probe = try breaker.admit(at: at(30)).get()
    breaker.record(probe, .success, after: .zero, at: at(31))
    breaker.record(probe, .success, after: .zero, at: at(31))
    #expect(breaker.state(at: at(31)) == .halfOpen)
    #expect(breaker.staleResults == 1)
  }

  @Test func `a probe's lease may be as long as the longest answer`() throws {
    var breaker = Breaker(BreakerPolicy(), probeLease: .seconds(90))
    for _ in 0..<5 { breaker.call(.failure("503"), at: 0) }
    let slow = try breaker.admit(at: at(30)).get()
    let never = try breaker.admit(at: at(30)).get()
    breaker.record(slow, .success, after: .seconds(80), at: at(110))
    #expect(breaker.state(at: at(119)) == .halfOpen)
    breaker.record(never, .success, after: .seconds(90), at: at(120))
    #expect(breaker.reason == "probe failed: no answer in 90 s")
  }

  @Test func `without an open time the next call is a probe with a lease it can meet`() throws {
    var policy = BreakerPolicy()
    policy.openDuration = .zero
    var breaker = Breaker.opened(at: 0, policy)
    for second in [0.0, 1.0] {
      let probe = try breaker.admit(at: at(second)).get()
      breaker.record(probe, .success, after: .milliseconds(900), at: at(second + 0.9))
    }
    #expect(breaker.state(at: at(2)) == .closed)
  }

  @Test func `looking at it takes no permit and changes nothing`() {
    var breaker = Breaker.opened(at: 0)
    #expect(breaker.rejection(at: at(29))?.retryAfter == .seconds(1))
    for _ in 0..<5 { #expect(breaker.rejection(at: at(30)) == nil) }
    _ = breaker.admit(at: at(30))
    #expect(
      breaker.rejection(at: at(60))?.reason == "breaker open: probe failed: no answer in 30 s")
    #expect(breaker.drainTransitions().count == 2)
    #expect(breaker.picture(at: 59).probesInFlight == 1)
  }

  @Test func `the picture holds what is known`() {
    var breaker = Breaker.opened(at: 1)
    var expected = BreakerSnapshot()
    expected.state = .open
    expected.reason = "5 consecutive failures: 503, 503, timeout, 503, refused"
    expected.until = civil(31)
    expected.consecutiveFailures = 5
    expected.failureRate = 1
    expected.lastFailure = civil(1)
    expected.transitionCount = 1
    expected.transitions = [
      BreakerTransition(
        from: .closed, to: .open, at: civil(1),
        reason: "5 consecutive failures: 503, 503, timeout, 503, refused")
    ]
    #expect(breaker.picture(at: 2) == expected)
    expected.state = .halfOpen
    expected.until = nil
    #expect(breaker.picture(at: 31) == expected)
  }

  @Test func `the picture notices a probe past its deadline`() {
    var breaker = Breaker.opened(at: 0)
    _ = breaker.admit(at: at(30))
    let picture = breaker.picture(at: 60)
    #expect(picture.reason == "probe failed: no answer in 30 s")
    #expect(picture.until == civil(90) && picture.consecutiveFailures == 6)
    #expect(picture.probesInFlight == 0)
  }

  @Test func `a reset forgets everything and tells it`() {
    var breaker = Breaker.opened(at: 0)
    _ = breaker.admit(at: at(30))
    _ = breaker.drainTransitions()
    breaker.reset(at: at(31))
    #expect(breaker.picture(at: 31) == BreakerSnapshot())
    #expect(breaker.staleResults == 0 && breaker.transitions.isEmpty)
    #expect(
      breaker.drainTransitions() == [
        .init(from: .halfOpen, to: .closed, at: at(31), reason: "reset by hand")
      ])
  }

  @Test func `another endpoint starts with a closed breaker and counts of its own`() throws {
    var breaker = Breaker(BreakerPolicy())
    let old = try breaker.admit(at: at(0)).get()
    for _ in 0..<5 { breaker.call(.failure("503"), at: 0) }
    breaker.startAnew(reason: "calls go to the second endpoint", at: at(1))
    #expect(breaker.state(at: at(1)) == .closed)
    #expect(breaker.reason == "calls go to the second endpoint")
    breaker.record(old, .failure("503"), after: .zero, at: at(2))
    #expect(breaker.consecutiveFailures == 0 && breaker.picture(at: 2).failureRate == nil)
    for _ in 0..<4 { breaker.call(.failure("503"), at: 3) }
    #expect(breaker.state(at: at(3)) == .closed)
  }

  @Test func `its window's memory does not grow with time`() {
    var breaker = Breaker(BreakerPolicy())
    for step in 0..<500 { breaker.call(.success, at: Double(step) * 5) }
    // No verb shows how many slices are kept.
    let slices = Mirror(reflecting: breaker).descendant("window", "older") as? [Any]
    #expect(slices?.count == 9)
  }

  @Test func `no more transitions are kept than the limits`() {
    var breaker = Breaker(BreakerPolicy())
    for number in 0..<100 {
      breaker.override(.byAnna(.open, "\(number)"), at: at(0))
      breaker.override(.byAnna(.closed, "\(number)"), at: at(0))
    }
    let transitions = breaker.drainTransitions()
    #expect(transitions.count == Breaker.transitionLimit)
    #expect(transitions.last?.reason == "held closed by anna for 15 min: 99")
    #expect(transitions.first?.reason == "forced open by anna for 15 min: 68")
    #expect(breaker.transitions == transitions)
    let picture = breaker.picture(at: 0)
    #expect(picture.transitionCount == 200)
    #expect(picture.transitions.map(\.reason) == transitions.suffix(16).map(\.reason))
  }
}
