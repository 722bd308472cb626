import FleetModel
import Resilience
import Testing

@Suite struct BreakerTests {
  /// One call from admission to its end; nil when it was not let through.
  private func call(
    _ breaker: inout Breaker, _ verdict: Breaker.Verdict, _ seconds: Double
  ) -> Breaker.Rejection? {
    switch breaker.admit(at: at(seconds)) {
    case .success(let permit):
      breaker.record(permit, verdict, at: at(seconds))
      return nil
    case .failure(let rejection): return rejection
    }
  }

  private func opened(at seconds: Double) -> Breaker {
    var breaker = Breaker(BreakerPolicy())
    for label in ["503", "503", "timeout", "503", "refused"] {
      _ = call(&breaker, .failure(label), seconds)
    }
    return breaker
  }

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
      case "x": _ = call(&breaker, .failure("503"), seconds)
      case "o": _ = call(&breaker, .success, seconds)
      case "n": _ = call(&breaker, .neutral, seconds)
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
    var breaker = opened(at: 1)
    let reason = "5 consecutive failures: 503, 503, timeout, 503, refused"
    #expect(breaker.reason == reason)
    #expect(breaker.openUntil == at(31))
    #expect(breaker.consecutiveFailures == 5)
    #expect(
      breaker.drainTransitions() == [
        Breaker.Transition(from: .closed, to: .open, at: at(1), reason: reason)
      ])
    #expect(breaker.drainTransitions().isEmpty)
  }

  @Test func `a long row of failures is named by its newest`() {
    var policy = BreakerPolicy()
    policy.failureLimit = 12
    policy.sampleMinimum = 100
    var breaker = Breaker(policy)
    for number in 1...12 { _ = call(&breaker, .failure("\(number)"), 0) }
    #expect(
      breaker.reason == "12 consecutive failures: …, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12")
  }

  @Test func `the reason names the share of failures`() {
    var breaker = Breaker(BreakerPolicy())
    for letter in "oooooxxoxxxx" {
      _ = call(&breaker, letter == "x" ? .failure("500") : .success, 0)
    }
    #expect(breaker.state(at: at(0)) == .open)
    #expect(breaker.reason == "6 of 12 calls failed in 60 s")
    #expect(breaker.failureRate(at: at(0)) == 0.5)
  }

  @Test func `an open breaker admits nothing before its time and says how long`() {
    var breaker = opened(at: 0)
    let rejection = call(&breaker, .success, 29.5)
    #expect(rejection?.retryAfter == .milliseconds(500))
    #expect(rejection?.reason.hasPrefix("breaker open for 0.5 s more: 5 consecutive") == true)
    #expect(call(&breaker, .success, 30) == nil)
  }

  @Test func `the way back is told in words and numbers`() {
    var breaker = opened(at: 0)
    _ = call(&breaker, .failure("503"), 30)
    _ = call(&breaker, .success, 60)
    _ = call(&breaker, .success, 61)
    #expect(
      breaker.drainTransitions().dropFirst() == [
        .init(from: .open, to: .halfOpen, at: at(30), reason: "30 s open time over"),
        .init(from: .halfOpen, to: .open, at: at(30), reason: "probe failed: 503"),
        .init(from: .open, to: .halfOpen, at: at(60), reason: "30 s open time over"),
        .init(from: .halfOpen, to: .closed, at: at(61), reason: "2 probes succeeded"),
      ])
    #expect(breaker.failureRate(at: at(61)) == nil)
  }

  @Test func `half-open lets three probes out at once`() {
    var breaker = opened(at: 0)
    let permits = (0..<3).compactMap { _ in try? breaker.admit(at: at(30)).get() }
    #expect(permits.count == 3 && permits.allSatisfy(\.isProbe))
    #expect(
      breaker.admit(at: at(31))
        == .failure(
          Breaker.Rejection(
            retryAfter: nil, reason: "breaker half-open: 3 of 3 probes are out")))
    breaker.record(permits[1], .neutral, at: at(32))
    #expect((try? breaker.admit(at: at(32)).get()) != nil)
  }

  @Test func `a probe that never settles fails at its deadline and its result is stale`() throws {
    var breaker = opened(at: 0)
    let probe = try breaker.admit(at: at(30)).get()
    #expect(breaker.state(at: at(59.9)) == .halfOpen)
    #expect(breaker.state(at: at(60)) == .open)
    #expect(breaker.state(at: at(90)) == .halfOpen)
    breaker.record(probe, .success, at: at(61))
    #expect(breaker.openUntil == at(90))
    #expect(breaker.reason == "probe failed: no answer in 30 s")
  }

  @Test func `reading the failure rate notices a probe past its deadline`() throws {
    var breaker = opened(at: 0)
    _ = try breaker.admit(at: at(30)).get()
    #expect(breaker.failureRate(at: at(60)) == 1)
    #expect(breaker.reason == "probe failed: no answer in 30 s")
    #expect(breaker.openUntil == at(90) && breaker.consecutiveFailures == 6)
  }

  @Test func `a result from before the breaker opened changes nothing`() throws {
    var breaker = Breaker(BreakerPolicy())
    let old = try breaker.admit(at: at(0)).get()
    for _ in 0..<5 { _ = call(&breaker, .failure("503"), 1) }
    _ = call(&breaker, .success, 31)
    breaker.record(old, .failure("503"), at: at(32))
    #expect(breaker.state(at: at(32)) == .halfOpen)
    _ = call(&breaker, .success, 33)
    breaker.record(old, .failure("503"), at: at(34))
    #expect(breaker.consecutiveFailures == 0)
    #expect(breaker.failureRate(at: at(34)) == nil)
  }

  @Test func `a probe is recorded once`() throws {
    var breaker = opened(at: 0)
    let probe = try breaker.admit(at: at(30)).get()
    breaker.record(probe, .success, at: at(31))
    breaker.record(probe, .success, at: at(31))
    #expect(breaker.state(at: at(31)) == .halfOpen)
  }

  @Test func `a breaker held open stays so until a hand closes it`() {
    var breaker = Breaker(BreakerPolicy())
    breaker.forceOpen(reason: "by the operator", at: at(0))
    #expect(breaker.state(at: at(1e6)) == .forcedOpen)
    let rejection = call(&breaker, .success, 1e6)
    #expect(rejection == .init(retryAfter: nil, reason: "breaker held open: by the operator"))
    breaker.forceClose(reason: "by the operator", at: at(1e6))
    #expect(breaker.state(at: at(1e6)) == .closed)
    #expect(breaker.drainTransitions().map(\.to) == [.forcedOpen, .closed])
  }

  @Test func `closing by hand starts the counts at zero and the rules go on`() {
    var breaker = Breaker(BreakerPolicy())
    for _ in 0..<4 { _ = call(&breaker, .failure("503"), 0) }
    breaker.forceClose(reason: "by the operator", at: at(0))
    #expect(breaker.consecutiveFailures == 0)
    for _ in 0..<4 { _ = call(&breaker, .failure("503"), 0) }
    #expect(breaker.state(at: at(0)) == .closed)
    _ = call(&breaker, .failure("503"), 0)
    #expect(breaker.state(at: at(0)) == .open)
  }

  @Test func `a reset forgets reason and transitions but its own`() {
    var breaker = opened(at: 0)
    breaker.reset(reason: "by the operator", at: at(1))
    #expect(breaker.reason == nil)
    #expect(breaker.state(at: at(1)) == .closed)
    #expect(
      breaker.drainTransitions() == [
        .init(from: .open, to: .closed, at: at(1), reason: "by the operator")
      ])
  }

  @Test func `its window's memory does not grow with time`() {
    var breaker = Breaker(BreakerPolicy())
    for step in 0..<500 { _ = call(&breaker, .success, Double(step) * 5) }
    // No verb shows how many slices are kept.
    let slices = Mirror(reflecting: breaker).descendant("window", "slices") as? [Any]
    #expect(slices?.count == 10)
  }

  @Test func `no more transitions are kept than the limit`() {
    var breaker = Breaker(BreakerPolicy())
    for number in 0..<100 {
      breaker.forceOpen(reason: "\(number)", at: at(0))
      breaker.forceClose(reason: "\(number)", at: at(0))
    }
    let transitions = breaker.drainTransitions()
    #expect(transitions.count == Breaker.transitionLimit)
    #expect(transitions.last?.reason == "99" && transitions.first?.reason == "68")
  }
}
