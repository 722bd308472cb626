import Engine
import FleetModel

@testable import Simulation

extension Forgery {
  static let limits = connections + load + pictures

  private static let connections = [
    Forgery("a call goes over a closed connection", says: "which is not open") { course in
      course.effect(.close(ConnectionID(number: 1)))
      course.succeed()
    },
    Forgery("a call goes over a connection that is not open yet", says: "which is not open") {
      course in
      let id = course.open()
      course.send(course.submit(), on: id)
    },
    Forgery("a call goes over another server's connection", says: "which is not open") { course in
      let id = course.connect(ForgedCourse.two)
      course.send(course.submit(), on: id)
    },
    Forgery("two calls share a connection of one", says: "2 calls on one connection, not 1") {
      course in
      course.send(course.submit())
      course.send(course.submit())
    },
    Forgery(
      "more connections than allowed", says: "1 connecting and 2 open of 2",
      { $0.pool.openLimit = 2 }
    ) { course in
      course.connect()
      course.open()
    },
    Forgery("more connecting than allowed", says: "3 connecting at once, not 2") { course in
      for _ in 0..<3 { course.open() }
    },
    Forgery("two connect while nothing is open", says: "2 connecting while nothing is open") {
      course in
      course.effect(.close(ConnectionID(number: 1)))
      course.open()
      course.open()
    },
    Forgery("a connection is opened twice", says: "is opened twice") { course in
      let id = course.open()
      course.effect(.open(ForgedCourse.definition(ForgedCourse.one), id, knownEra: nil))
    },
    Forgery("a connection in use is asked", says: "a connection in use is asked") { course in
      course.send(course.submit())
      course.effect(.validate(ConnectionID(number: 1)))
    },
    Forgery("a closed connection is asked", says: "which is not open, is asked") { course in
      course.effect(.validate(ConnectionID(number: 9)))
    },
    Forgery("two health checks at once", says: "two health checks at once") { course in
      let server = ForgedCourse.definition(ForgedCourse.one)
      for _ in 0..<2 { course.effect(.check(server, knownEra: nil, nil)) }
    },
    Forgery("two endpoints watched at once", says: "two endpoints watched at once") { course in
      let server = ForgedCourse.definition(ForgedCourse.one)
      for _ in 0..<2 {
        course.effect(.watch(server, ForgedCourse.one, ConnectionID(number: 1)))
      }
    },
    Forgery("tools are listed twice at once", says: "tools are listed twice at once") { course in
      for _ in 0..<2 {
        course.effect(.listTools(ForgedCourse.one, ConnectionID(number: 1)))
      }
    },
    Forgery("tools are listed on no connection", says: "tools are listed on no connection") {
      course in
      course.effect(.listTools(ForgedCourse.one, ConnectionID(number: 9)))
    },
  ]

  private static let load = [
    Forgery(
      "more calls at once than places", says: "2 calls at once, not 1", { $0.load.concurrency = 1 }
    ) { course in
      course.connect()
      course.send(course.submit(), on: ConnectionID(number: 1))
      course.send(course.submit(), on: ConnectionID(number: 2))
    },
    Forgery("a batch call goes before an interactive one", says: "as urgent") { course in
      _ = course.submit(origin: .gateway)
      course.send(course.submit(origin: .load))
    },
    Forgery("a call goes before one that came earlier", says: "as urgent") { course in
      _ = course.submit(origin: .load)
      course.send(course.submit(origin: .replay))
    },
    Forgery(
      "more tries than the rate", says: "more tries than its rate",
      {
        $0.load.rate = 1
        $0.load.burst = 2
        $0.load.queueTimeout = .seconds(1)
        $0.pool.acquireTimeout = .seconds(1)
      }
    ) { course in
      for _ in 0..<6 { course.succeed() }
    },
    Forgery(
      "more calls than the quota", says: "more calls than two quotas", { $0.load.quota = 2 }
    ) { course in
      for _ in 0..<5 { course.succeed() }
      course.ledger.judgeEnd(course.picture(), at: course.now)
    },
    Forgery(
      "more calls of a caller than its quota", says: "mcpdash than two quotas",
      { $0.load.callerQuota = 2 }
    ) { course in
      for _ in 0..<5 { course.succeed() }
      course.ledger.judgeEnd(course.picture(), at: course.now)
    },
    Forgery(
      "more calls of a caller than its rate", says: "more calls of mcpdash than its rate",
      {
        $0.load.callerRate = 1
        $0.load.callerBurst = 1
        $0.load.queueTimeout = .seconds(1)
      }
    ) { course in
      for _ in 0..<5 { course.succeed() }
      course.ledger.judgeEnd(course.picture(), at: course.now)
    },
    Forgery(
      "more retries at once than the budget", says: "2 retries at once, not 1",
      {
        $0.retry.budgetMinimum = 1
        $0.retry.budgetRatio = 0
      }
    ) { course in
      course.connect()
      let calls = [course.submit(), course.submit()]
      for call in calls {
        course.fail(course.send(call))
        course.wait(.seconds(1))
      }
      for (index, call) in calls.enumerated() {
        course.send(call, on: ConnectionID(number: UInt64(index) + 1))
      }
    },
  ]

  private static let pictures = [
    Forgery("an outcome is not counted", says: "is said") { course in
      course.succeed()
      course.publish { $0.calls.success = 0 }
    },
    Forgery("a failure is counted as another end", says: "is said") { course in
      course.failOnce()
      course.publish {
        $0.calls.transportFailure = 0
        $0.calls.success = 1
      }
    },
    Forgery("tries are not counted", says: "an amplification of 1.0 is said") { course in
      let call = course.submit()
      course.fail(course.send(call))
      course.wait(.seconds(1))
      course.answer(course.send(call))
      course.finish(call)
      course.publish { $0.retries.amplification = 1 }
    },
    Forgery("a connection is not counted", says: "0 connections are said to be open, 1 are") {
      course in
      course.publish { $0.pool.open = 0 }
    },
    Forgery("a connect is not counted", says: "0 are said to connect, 1 do") { course in
      course.open()
      course.publish { $0.pool.connecting = 0 }
    },
    Forgery("a call on a connection is not counted", says: "0 calls are said to be on") { course in
      course.send(course.submit())
      course.publish { $0.pool.active = 0 }
    },
    Forgery(
      "more wait for a connection than may", says: "11 wait for a connection, not 10",
      { $0.pool.waiterLimit = 10 }
    ) { course in
      course.publish { $0.pool.waiting = 11 }
    },
    Forgery("more are said to run than may", says: "11 are said to run of 10") { course in
      course.publish { $0.load.running = 11 }
    },
    Forgery("fewer are said to run than do", says: "0 are said to run") { course in
      course.send(course.submit())
      course.publish { $0.load.running = 0 }
    },
    Forgery("more wait for a place than may", says: "1001 wait for a place") { course in
      course.publish { $0.load.waiting = 1001 }
    },
    Forgery("a second sending is not counted", says: "1 second sendings are said, 0 were") {
      course in
      course.publish { $0.load.hedges = 1 }
    },
    Forgery("more of the budget is used than there is", says: "4 retries are under way, not 3") {
      course in
      course.publish { $0.retries.budgetUsed = 4 }
    },
  ]
}
