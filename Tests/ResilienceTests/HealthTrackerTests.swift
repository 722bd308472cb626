import FleetModel
import Resilience
import TestInputs
import Testing

@Suite struct HealthTrackerTests {
  private let noon = Timestamp(millisecondsSinceEpoch: 43_200_000)

  /// Checks as `p` passed, `f` failed; calls as `o` went well, `x` failed, `n` neutral; one a second.
  private func run(_ course: String) -> HealthTracker {
    var tracker = HealthTracker(HealthPolicy())
    for (second, letter) in course.enumerated() {
      switch letter {
      case "p": tracker.succeeded(in: .milliseconds(4), at: noon)
      case "f": tracker.failed("refused", at: noon)
      case "o": tracker.traffic(.success, at: at(Double(second)))
      case "x":
        tracker.traffic(.failure(second % 2 == 0 ? "503" : "timeout"), at: at(Double(second)))
      default: tracker.traffic(.neutral, at: at(Double(second)))
      }
    }
    return tracker
  }

  @Test func `nothing is known before the first check`() {
    #expect(HealthTracker(HealthPolicy()).snapshot(at: at(0)) == HealthSnapshot())
  }

  @Test func `a failure is counted and a success ends the count`() {
    var tracker = HealthTracker(HealthPolicy())
    tracker.began(at: noon)
    tracker.succeeded(in: .milliseconds(12), at: noon + .seconds(1))
    tracker.failed("refused", at: noon + .seconds(30))
    tracker.began(at: noon + .seconds(59))
    tracker.failed("reset", at: noon + .seconds(60))
    var picture = HealthSnapshot()
    picture.status = .unhealthy
    picture.consecutiveFailures = 2
    picture.lastSuccess = noon + .seconds(1)
    picture.lastAttempt = noon + .seconds(59)
    picture.lastError = "reset"
    #expect(tracker.snapshot(at: at(0)) == picture)
    tracker.succeeded(in: .milliseconds(15), at: noon + .seconds(90))
    picture.status = .healthy
    picture.consecutiveFailures = 0
    picture.responseTime = .milliseconds(15)
    picture.lastSuccess = noon + .seconds(90)
    #expect(tracker.snapshot(at: at(0)) == picture)
  }

  @Test func `a synthetic probe is shown and decides nothing`() {
    var tracker = run("p")
    let probe = ProbeSnapshot(
      at: noon, isSuccess: false, duration: .seconds(1), result: "timeout")
    for _ in 0..<10 { tracker.probed(probe) }
    tracker.succeeded(in: .milliseconds(4), at: noon)
    var picture = run("p").snapshot(at: at(0))
    picture.lastProbe = probe
    #expect(tracker.snapshot(at: at(0)) == picture)
  }

  @Test(arguments: [
    // Checks pass amid at least three failures in a row.
    ("pxxxp", true), ("pxpxx", true), ("pxxp", false), ("pxxpx", true),
    // No check passed since calls began to fail: the checks are merely late.
    ("pxxxxx", false), ("pxpoxxx", false), ("pxpoxxxp", true),
    // Both say unwell, or both well again.
    ("pxxxpf", false), ("pxxxpo", false), ("pxxxpfp", true), ("pxxxpn", true),
    // Checks fail while calls go well after the first failed check.
    ("fooo", true), ("foo", false), ("ooof", false), ("ooofooo", true), ("fofofo", true),
    ("fooox", false), ("fooop", false), ("fooxo", false), ("fooon", true),
    // Without a check nobody disagrees.
    ("xxxx", false), ("oooo", false), ("", false),
  ])
  func `checks and calls disagree`(course: String, expected: Bool) {
    let picture = run(course).snapshot(at: at(10))
    #expect((picture.status == .disagreeing) == expected)
    #expect((picture.disagreement != nil) == expected)
  }

  @Test func `a disagreement is told in words and numbers`() {
    #expect(
      run("pxxxxxp").snapshot(at: at(10)).disagreement
        == "checks pass (4 ms), but the last 5 calls failed: timeout, 503, timeout, …")
    #expect(
      run("xxxp").snapshot(at: at(10)).disagreement
        == "checks pass (4 ms), but the last 3 calls failed: 503, timeout, 503")
    #expect(
      run("ffoooo").snapshot(at: at(10)).disagreement
        == "checks fail (2 in a row), but the last 4 calls succeeded")
  }

  @Test(arguments: ["xxxp", "fooo"])
  func `a call speaks for the server for a minute`(course: String) {
    let newest: Double = course == "xxxp" ? 2 : 3
    let limit = at(newest) + HealthTracker.trafficLimit
    #expect(run(course).snapshot(at: limit).status == .disagreeing)
    #expect(run(course).snapshot(at: limit + .nanoseconds(1)).status != .disagreeing)
  }

  @Test(arguments: 0..<50 as Range<UInt64>)
  func `calls never change what the checks say`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var (both, checksOnly) = (HealthTracker(HealthPolicy()), HealthTracker(HealthPolicy()))
    for second in 0..<300 {
      let time = noon + .seconds(second)
      switch random.below(6) {
      case 0:
        both.succeeded(in: .milliseconds(second), at: time)
        checksOnly.succeeded(in: .milliseconds(second), at: time)
      case 1:
        both.failed("\(second)", at: time)
        checksOnly.failed("\(second)", at: time)
      case 2: both.traffic(.neutral, at: at(Double(second)))
      case 3: both.traffic(.success, at: at(Double(second)))
      default: both.traffic(.failure("503"), at: at(Double(second)))
      }
      #expect(both.status == checksOnly.status)
      var picture = both.snapshot(at: at(Double(second)))
      picture.status = both.status
      picture.disagreement = nil
      #expect(picture == checksOnly.snapshot(at: at(Double(second))))
    }
  }

  @Test func `intervals spread by a tenth to both sides`() {
    let tracker = HealthTracker(HealthPolicy())
    var random = SplitMix64(seed: 2)
    let intervals = (0..<500).map { _ in tracker.nextInterval(using: &random).seconds }
    #expect(intervals.allSatisfy { (27...33).contains($0) })
    #expect(intervals.contains { $0 < 27.3 } && intervals.contains { $0 > 32.7 })
  }
}
