import Engine
import FleetModel

@testable import Simulation

extension Forgery {
  static let ends = shutdown + recovery

  private static let shutdown = [
    Forgery("a call is sent after the drain", says: "is sent after the drain") { course in
      let call = course.submit()
      course.event(.drain(limit: .seconds(1)))
      course.send(call)
    },
    Forgery("a call is sent after the stop", says: "after the stop: send") { course in
      let call = course.submit()
      course.event(.stop)
      course.send(call)
    },
    Forgery("a connection is opened after the stop", says: "after the stop: open") { course in
      course.event(.stop)
      course.open()
    },
    Forgery("a check begins after the stop", says: "after the stop: health check") { course in
      course.event(.stop)
      course.effect(.check(ForgedCourse.definition(ForgedCourse.one), knownEra: nil, nil))
    },
    Forgery("a picture is taken after the stop", says: "after the stop: picture") { course in
      course.event(.stop)
      course.publish()
    },
    Forgery("a connection is left open", says: "1 connections are still open") { course in
      course.event(.stop)
      course.ledger.judgeEnd(course.picture(), at: course.now)
    },
    Forgery("a call is left on the wire", says: "1 calls are still out") { course in
      course.send(course.submit())
      course.ledger.judgeEnd(course.picture(), at: course.now)
    },
    Forgery("a place is left taken", says: "1 are left in the bulkhead") { course in
      course.ledger.judgeEnd(course.picture { $0.load.running = 1 }, at: course.now)
    },
    Forgery("a waiter is left behind", says: "1 are left waiting for a place") { course in
      course.ledger.judgeEnd(course.picture { $0.load.waiting = 1 }, at: course.now)
    },
    Forgery("a stream is left taken", says: "1 are left on connections") { course in
      course.ledger.judgeEnd(course.picture { $0.pool.active = 1 }, at: course.now)
    },
    Forgery("someone is left waiting for a connection", says: "1 are left waiting for one") {
      course in
      course.ledger.judgeEnd(course.picture { $0.pool.waiting = 1 }, at: course.now)
    },
    Forgery("a call is forgotten in memory", says: "4 calls are held, 1 are under way") { course in
      _ = course.submit()
      course.ledger.judge((calls: 4, attempts: 0, timers: 0, places: 2), at: course.now)
    },
    Forgery("an attempt is forgotten in memory", says: "1 attempts are held, 0 are out") { course in
      course.ledger.judge((calls: 0, attempts: 1, timers: 0, places: 2), at: course.now)
    },
    Forgery("timers are forgotten in memory", says: "99 timers run, not 21") { course in
      course.ledger.judge((calls: 0, attempts: 0, timers: 99, places: 2), at: course.now)
    },
    Forgery("a timer is left after the stop", says: "0 calls, 0 attempts and 1 timers are left") {
      course in
      course.ledger.judgeEmpty((calls: 0, attempts: 0, timers: 1, places: 2), at: course.now)
    },
    Forgery("a unit of the budget is left taken", says: "1 are left in the retry budget") {
      course in
      course.ledger.judgeEnd(course.picture { $0.retries.budgetUsed = 1 }, at: course.now)
    },
  ]

  private static let recovery = [
    healed("a breaker stays open", says: "open long after the storm") {
      $0.breaker.state = .open
    },
    healed("a server stays away", says: "is not connected long after the storm") {
      $0.isConnected = false
    },
    healed("a server stays on its second endpoint", says: "endpoint 2 long after the storm") {
      $0.endpoint = EndpointSnapshot(name: "two", position: 2, count: 2)
    },
    healed("a crash loop goes on", says: "in a crash loop of 3 long after the storm") {
      $0.crashLoop = CrashLoopSnapshot(count: 3, lastWords: "", nextTry: nil)
    },
  ]

  /// A picture long after the last fault.
  private static func healed(
    _ description: String, says words: String,
    _ change: @escaping @Sendable (inout ServerSnapshot) -> Void
  ) -> Forgery {
    Forgery(description, says: words) { course in
      let plan = FaultPlan(
        seed: 0, servers: course.ledger.servers.map(\.definition), stormEnd: course.now,
        callsPerSecond: 1, ending: .quiet)
      course.connect(ForgedCourse.two)
      course.ledger.expectRecovery(by: plan, at: course.now)
      course.now = plan.calmEnd + .seconds(1)
      course.publish(change)
    }
  }
}
