import FleetModel
import Testing

@testable import CLI

/// The whole course of failures on a pretend clock.
struct DiscoveryRetryTests {
  /// Fails on one port until it is given up; the search finds what `found` says of each failure.
  private struct Course {
    var log: [String] = []
    /// Before each next try, in seconds.
    var waits: [Double] = []
    var lastError: String?

    init(
      _ limits: DiscoveryRetry.Limits, port: Int? = 50_001, failures: Int = .max,
      found: (Int) -> Int? = { _ in nil }
    ) {
      var retry = DiscoveryRetry(limits: limits)
      var now = Instant.origin
      while lastError == nil, retry.attempt < failures {
        var port = port
        if let found = found(retry.attempt), port != nil { port = found }
        var events = [DiscoveryRetry.Event.failed(error: "Connection refused", port: port)]
        while let event = events.popLast() {
          for effect in retry.handle(event, at: now) {
            switch effect {
            case .log(let line): log.append(line.line)
            case .search: events.append(.searched(port: found(retry.attempt)))
            case .retry(let instant):
              waits.append((instant - now).seconds)
              now = instant
            case .giveUp(let error): lastError = error
            }
          }
        }
      }
    }
  }

  @Test(arguments: [
    (100, 1.0, 60.0), (1, 1.0, 60.0), (500, 0.1, 300.0), (15, 2.0, 120.0), (6, 10.0, 1.0),
    (3, 0.5, 60.0),
  ])
  func `failure k is followed by a wait of the first backoff times two to the k, up to the longest`(
    attempts: Int, initial: Double, longest: Double
  ) {
    let course = Course(
      .init(
        attempts: attempts, initialBackoff: .init(fractionalSeconds: initial),
        maxBackoff: .init(fractionalSeconds: longest)))
    var expected: [Double] = []
    var next = initial
    for _ in 1..<max(attempts, 1) {
      expected.append(min(next, longest))
      next = min(next * 2, 1e6)
    }
    #expect(course.waits.count == attempts - 1)
    for (wait, want) in zip(course.waits, expected) { #expect(abs(wait - want) < 1e-6) }
    #expect(course.lastError == "Connection refused")
  }

  @Test func `the hundred attempts of the standard last about a hundred minutes`() {
    let total = Course(.init()).waits.reduce(0, +) / 60
    #expect((90.0...100.0).contains(total), "\(total) minutes")
  }

  @Test func `an outage is told in the words that operators match on`() {
    let course = Course(.init(attempts: 3))
    #expect(
      course.log == [
        "WARNING  ToolHive connection failed attempt=1 max_retries=3 error=\"Connection refused\""
          + " backoff_seconds=1.0",
        "WARNING  Attempting to rediscover ToolHive port previous_port=50001",
        "WARNING  ToolHive connection failed attempt=2 max_retries=3 error=\"Connection refused\""
          + " backoff_seconds=2.0",
        "WARNING  Attempting to rediscover ToolHive port previous_port=50001",
        "WARNING  ToolHive connection failed attempt=3 max_retries=3 error=\"Connection refused\""
          + " backoff_seconds=0.0",
        "ERROR    All retry attempts exhausted. ToolHive is unavailable. total_attempts=3",
      ])
    #expect(
      DiscoveryRetry(limits: .init()).farewell(lastError: "Connection refused").line
        == "CRITICAL ToolHive connection failure - exiting max_retries=100"
        + " last_error=\"Connection refused\"")
  }

  @Test func `a new port is tried at once, and the backoff begins anew`() {
    let course = Course(.init(attempts: 6), failures: 5) { $0 == 3 ? 50_002 : nil }
    #expect(course.waits == [1, 2, 0, 1, 2])
    #expect(
      course.log.contains(
        "INFO     Successfully rediscovered ToolHive on new port old_port=50001 new_port=50002"))
    #expect(
      course.log.contains(
        "INFO     Port rediscovery successful, retrying immediately new_port=50002"))
  }

  @Test func `a ToolHive that is found where it was and fails again is not asked without end`() {
    let course = Course(.init(attempts: 7)) { _ in 50_001 }
    #expect(course.waits == [0, 1, 0, 1, 0, 1])
    #expect(!course.log.contains { $0.contains("on new port") })
  }

  @Test func `where nothing was known to search from, the search was the try`() {
    let course = Course(.init(attempts: 3), port: nil)
    #expect(course.waits == [1, 2])
    #expect(!course.log.contains { $0.contains("rediscover") })
  }

  @Test func `an error's text cannot break out of its line`() {
    var retry = DiscoveryRetry(limits: .init(attempts: 2))
    let effects = retry.handle(
      .failed(error: "a\"b\\c\nd\u{1B}[2Je", port: nil), at: .origin)
    guard case .log(let line) = effects.first else {
      Issue.record("no log")
      return
    }
    #expect(line.text.contains(#"error="a\"b\\c d"# + "\u{FFFD}[2Je\" backoff"))
  }
}
