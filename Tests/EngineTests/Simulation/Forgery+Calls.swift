import Engine
import FleetModel

@testable import Simulation

extension Forgery {
  static let calls = endings + repetitions + letters

  private static let endings = [
    Forgery("a call ends twice", says: "ends twice") { course in
      let call = course.submit()
      course.finish(call, .notConnected)
      course.finish(call, .notConnected)
    },
    Forgery("a call never ends", says: "1 calls never end") { course in
      _ = course.submit()
      course.effect(.close(ConnectionID(number: 1)))
      course.ledger.judgeEnd(course.picture(), at: course.now)
    },
    Forgery("nobody's call ends", says: "which nobody submitted") { course in
      course.finish(course.call(), .notConnected)
    },
    Forgery("nobody's call has an answer", says: "which nobody sent, has an answer") { course in
      course.finish(course.call())
    },
    Forgery("nobody's call is sent", says: "which nobody asked for") { course in
      course.send(course.call(work: 99))
    },
    Forgery("a call is sent after its end", says: "is sent after its end") { course in
      let call = course.submit()
      course.finish(call, .notConnected)
      course.send(call)
    },
    Forgery("a call is sent after its caller gave up", says: "is sent after its end") { course in
      let call = course.submit()
      course.event(.cancel(call.id))
      course.send(call)
    },
    Forgery("a call is sent after its deadline", says: "is sent after its deadline") { course in
      let call = course.submit(deadline: .origin + .seconds(1))
      course.wait(.milliseconds(1001))
      course.send(call)
    },
    Forgery("a call ends after its deadline", says: "ends after its deadline") { course in
      let call = course.submit(deadline: .origin + .seconds(1))
      course.wait(.milliseconds(1001))
      course.finish(call, .totalTimeout)
    },
    Forgery(
      "a call outlives the total timeout", says: "ends after its deadline",
      { $0.retry.totalTimeout = .seconds(2) }
    ) { course in
      let call = course.submit()
      course.wait(.milliseconds(2001))
      course.finish(call, .totalTimeout)
    },
    Forgery("an attempt's number comes again", says: "attempt 1 is not new") { course in
      let call = course.submit()
      course.effect(.send(call, AttemptID(number: 1), ConnectionID(number: 1)))
      course.effect(.send(call, AttemptID(number: 1), ConnectionID(number: 1)))
    },
    Forgery("an attempt is aborted that is not out", says: "which is not out") { course in
      course.effect(.abort(AttemptID(number: 3)))
    },
    Forgery("a stand-in's outcome is given out", says: "and its outcome is given out", fallingBack)
    { course in
      let other = course.standIn(for: course.submit())
      course.send(other)
      course.finish(other)
    },
    Forgery("another stands in for an ended call", says: "for an ended call", fallingBack) {
      course in
      let call = course.submit()
      let other = course.standIn(for: call)
      course.finish(call, .notConnected)
      course.send(other)
    },
    Forgery("a call is turned away by a disabled breaker", says: "that lets all pass") { course in
      course.override(.disabled, for: .seconds(60))
      course.finish(course.submit(), .breakerOpen)
    },
  ]

  private static let repetitions = [
    Forgery("an unsafe call runs twice", says: "has run 2 times") { course in
      let call = course.submit()
      course.fail(course.send(call, runs: true), .connectionReset, .unknown)
      course.send(call, runs: true)
    },
    Forgery(
      "a call runs twice at most once", says: "has run 2 times", { $0.retry.delivery = .atMostOnce }
    ) { course in
      let call = course.submit("add")
      course.fail(course.send(call, runs: true), .httpStatus(503), .refused)
      course.send(call, runs: true)
    },
    Forgery("a call that may have run is sent again", says: "may have run and is sent again") {
      course in
      let call = course.submit()
      course.fail(course.send(call), .tryTimeout, .unknown)
      course.wait(.seconds(1))
      course.send(call)
    },
    Forgery(
      "at most once, a safe call that may have run is sent again",
      says: "may have run and is sent again", { $0.retry.delivery = .atMostOnce }
    ) { course in
      let call = course.submit("read")
      course.fail(course.send(call), .tryTimeout, .unknown)
      course.wait(.seconds(1))
      course.send(call)
    },
    Forgery("another does what may have been done", says: "which may have run", fallingBack) {
      course in
      let call = course.submit()
      course.fail(course.send(call), .tryTimeout, .unknown)
      course.send(course.standIn(for: call))
    },
    Forgery("another does what was done", says: "which had run on one", fallingBack) { course in
      let call = course.submit()
      course.send(call, runs: true)
      course.send(course.standIn(for: call), runs: true)
    },
    Forgery(
      "a call is tried too often", says: "tried again more than 1 times",
      { $0.retry.schedule.retryLimit = 1 }
    ) { course in
      let call = course.submit()
      for _ in 0..<3 {
        course.fail(course.send(call))
        course.wait(.seconds(1))
      }
    },
    Forgery("a retry comes too soon", says: "tried again after 0.089 s, not 0.089 s") { course in
      let call = course.submit()
      course.fail(course.send(call))
      course.wait(.microseconds(89_900))
      course.send(call)
    },
    Forgery("a retry comes before the Retry-After", says: "not 2.000 s") { course in
      let call = course.submit()
      course.fail(course.send(call), .httpStatus(429), .refused, retryAfter: .seconds(2))
      course.wait(.milliseconds(1999))
      course.send(call)
    },
    Forgery("a lost connection is resent twice", says: "tried again after 0.000 s") { course in
      let call = course.submit()
      course.fail(course.send(call), .sessionLost, .refused)
      course.fail(course.send(call), .sessionLost, .refused)
      course.send(call)
    },
    Forgery("a call is hedged without leave", says: "is sent a second time at once") { course in
      let call = course.submit("read")
      course.send(call)
      course.send(call)
    },
    Forgery(
      "an unsafe call is hedged", says: "is sent a second time at once",
      { $0.load.isHedging = true }
    ) { course in
      let call = course.submit()
      course.send(call)
      course.send(call)
    },
    Forgery(
      "a call is hedged twice", says: "is sent a second time at once",
      { $0.load.isHedging = true }
    ) { course in
      let call = course.submit("read")
      for _ in 0..<3 { course.send(call) }
    },
  ]

  private static let letters = [
    Forgery("a call that may have run leaves no letter", says: "no letter says so") { course in
      let call = course.submit()
      course.fail(course.send(call, runs: true), .connectionReset, .unknown)
      course.finish(call, .connectionReset, .unknown)
    },
    Forgery("a letter does not say that the call may have run", says: "no letter says so") {
      course in
      let call = course.submit()
      course.fail(course.send(call), .tryTimeout, .unknown)
      course.store(call, .refused)
      course.finish(call, .tryTimeout, .unknown)
    },
    Forgery(
      "another may have run it, and no letter says so", says: "no letter says so", fallingBack
    ) { course in
      let call = course.submit()
      course.fail(course.send(course.standIn(for: call), runs: true), .tryTimeout, .unknown)
      course.finish(call, .notConnected)
    },
    Forgery("a call that may have run ends as not sent", says: "ends as not sent") { course in
      let call = course.submit()
      course.fail(course.send(call), .tryTimeout, .unknown)
      course.store(call, .unknown)
      course.finish(call, .tryTimeout, .notSent)
    },
    Forgery("a letter is kept twice", says: "is kept twice") { course in
      let call = course.submit()
      course.store(call, .refused)
      course.store(call, .refused)
    },
    Forgery("a letter is kept after the outcome", says: "is kept after its outcome") { course in
      let call = course.submit()
      course.finish(call, .notConnected)
      course.store(call, .refused)
    },
    Forgery("a letter of nobody's call is kept", says: "which nobody sent, is kept") { course in
      course.store(course.call(), .refused)
    },
    Forgery("an outcome claims a letter", says: "says it is kept, and is not") { course in
      course.finish(
        course.submit(), .failure(Failure(.notConnected, "no", delivery: .notSent)),
        deadLetter: .stored)
    },
    Forgery("a letter comes after the deadline", says: "is given up after its deadline") { course in
      let call = course.submit(deadline: .origin + .seconds(1))
      course.wait(.seconds(2))
      course.store(call, .refused)
    },
    Forgery("a caller waits for a store that hangs", says: "waits too long for its letter") {
      course in
      let call = course.submit()
      course.store(call, .refused)
      course.wait(LetterSpill.patience + .milliseconds(1))
      course.finish(call, .notConnected)
    },
    Forgery("a letter is not kept, and nobody is told", says: "is lost silently") { course in
      let call = course.submit()
      course.store(call, .refused)
      course.finish(call, .notConnected)
    },
    Forgery("a letter that is said to be kept is nowhere", says: "is gone") { course in
      let call = course.submit()
      course.store(call, .refused)
      course.finish(
        call, .failure(Failure(.notConnected, "no", delivery: .notSent)), deadLetter: .stored)
      course.ledger.judgeLetters(stored: [], spilled: [], at: course.now)
    },
    Forgery("a letter is not where it is said to be", says: "in the store, and is not") { course in
      let call = course.submit()
      course.store(call, .refused)
      course.ledger.judge(
        .stored, of: DeadLetterID(call.id), isInStore: false, at: course.now)
    },
    Forgery("a stand-in is kept", says: "stands in, and is kept", fallingBack) { course in
      let other = course.standIn(for: course.submit())
      course.send(other)
      course.store(other, .unknown)
    },
  ]

  /// The server `two` stands in for the server `one`.
  @Sendable private static func fallingBack(_ policies: inout Policies) {
    policies.fallbacks = [Fallback(target: .any, source: .tool(ForgedCourse.two, nil))]
  }
}

extension ForgedCourse {
  /// The same work on the server `two`, which is connected for it.
  fileprivate mutating func standIn(for call: Call) -> Call {
    connect(Self.two)
    return self.call(on: Self.two, work: call.work)
  }
}
