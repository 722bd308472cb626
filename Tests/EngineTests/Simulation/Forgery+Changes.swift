import Engine
import FleetModel

@testable import Simulation

extension Forgery {
  static let changes = removals + strangers + reports + tokens

  private static let two = ForgedCourse.definition(ForgedCourse.two)

  private static let removals = [
    removed("a call is sent to a removed server", says: "one, which is no server") { course in
      course.send(course.call())
    },
    Forgery("a removed server's call is sent to the next of its name", says: "which is no server") {
      course in
      let call = course.submit()
      course.fail(course.send(call))
      course.event(.reconfigured([two]))
      course.event(.reconfigured([ForgedCourse.definition(ForgedCourse.one)]))
      course.connect()
      course.send(call)
    },
    removed("a removed server is connected", says: "which is no server") { course in
      let definition = ForgedCourse.definition(ForgedCourse.one)
      course.effect(.open(definition, ConnectionID(number: 9), knownEra: nil))
    },
    removed("a removed server is checked", says: "one, which is no server, is checked") { course in
      course.effect(.check(ForgedCourse.definition(ForgedCourse.one), knownEra: nil, nil))
    },
    removed("a removed server is watched", says: "one, which is no server, is watched") { course in
      course.effect(.watch(two, ForgedCourse.one, ConnectionID(number: 9)))
    },
    removed("a removed server's tools are listed", says: "which is no server, are listed") {
      course in
      course.effect(.listTools(ForgedCourse.one, ConnectionID(number: 1)))
    },
    removed("a removed server is looked for", says: "looked for, which is no server") { course in
      course.effect(.locate(ForgedCourse.definition(ForgedCourse.one)))
    },
    removed("a removed server's connection is asked", says: "of a removed server is asked") {
      course in
      course.effect(.validate(ConnectionID(number: 1)))
    },
    Forgery("a call waits for a removed server", says: "waits for a removed server") { course in
      _ = course.submit()
      course.event(.reconfigured([two]))
      course.judgeMemory()
    },
    waiting("a call of which another server is not asked waits") { $0.submit("read") },
    waiting("a call that may have run, of which none is asked, waits") { course in
      let call = course.submit()
      course.fail(course.send(call, runs: true), .connectionReset, .unknown)
      return call
    },
    waiting("a call with its caller's token, of which none is asked, waits") { course in
      var call = course.call()
      call.token = Secret("token-1.")
      course.event(.submit(call))
      return call
    },
    waiting("a call waits whose stand-in is removed as well", beside: ServerID("three")) {
      $0.submit()
    },
    Forgery("a removed server is shown", says: "the fleet is [two]") { course in
      let picture = course.picture()
      course.event(.reconfigured([two]))
      course.effect(.publish(picture))
    },
    Forgery("servers are shown in another order", says: "the fleet is [two, one]") { course in
      let picture = course.picture()
      course.event(.reconfigured([two, ForgedCourse.definition(ForgedCourse.one)]))
      course.effect(.publish(picture))
    },
    Forgery("a place is kept for a removed server", says: "3 places are held, not 2") { course in
      course.ledger.judge((calls: 0, attempts: 0, timers: 0, places: 3), at: course.now)
    },
    removed("a call to no server has an answer", says: "not in the fleet, has an answer") {
      course in
      course.finish(course.submit())
    },
  ]

  private static func removed(
    _ description: String, says words: String,
    _ body: @escaping @Sendable (inout ForgedCourse) -> Void
  ) -> Forgery {
    Forgery(description, says: words) { course in
      course.event(.reconfigured([two]))
      body(&course)
    }
  }

  /// The removed server has another one asked for `add`.
  private static func waiting(
    _ description: String, beside left: ServerID = ForgedCourse.two,
    _ submit: @escaping @Sendable (inout ForgedCourse) -> Call
  ) -> Forgery {
    Forgery(description, says: "waits for a removed server", ForgedCourse.askingTwo) { course in
      _ = submit(&course)
      course.event(.reconfigured([ForgedCourse.definition(left)]))
      course.judgeMemory()
    }
  }

  // MARK: Who answers

  private static func meet(_ name: String, _ course: inout ForgedCourse) -> ConnectionID {
    let id = course.open()
    let identity = ServerIdentity(name: name, toolsDigest: "")
    course.event(
      .opened(id, ConnectionInfo(era: .modern, protocolVersion: "", identity: identity)))
    return id
  }

  private static let strangers = [
    Forgery("a call is sent to a stranger", says: "to another in the place of one") { course in
      let right = meet("one", &course)
      course.send(course.submit(), on: right)
      let wrong = meet("stranger", &course)
      course.send(course.submit(), on: wrong)
    },
    Forgery("a call is sent to another than configured", says: "to another in the place of one") {
      course in
      var pinned = ForgedCourse.definition(ForgedCourse.one)
      pinned.identity = ServerIdentity(name: "one", toolsDigest: "")
      course.event(.reconfigured([pinned, two]))
      let wrong = meet("stranger", &course)
      course.send(course.submit(), on: wrong)
    },
    Forgery("two searches at once", says: "two searches at once") { course in
      for _ in 0..<2 { course.effect(.locate(ForgedCourse.definition(ForgedCourse.one))) }
    },
  ]

  // MARK: Reports

  private static func report(_ progress: Double) -> CallProgress {
    CallProgress(progress: progress)
  }

  private static let reports = [
    Forgery("an attempt outlives its time", says: "outlives its time") { course in
      let attempt = course.send(course.submit())
      course.wait(.seconds(31))
      course.answer(attempt)
    },
    Forgery(
      "an attempt outlives what reports allow", says: "outlives its time",
      { $0.retry.progressTimeout = .seconds(40) }
    ) { course in
      let attempt = course.send(course.submit())
      course.wait(.seconds(25))
      course.event(.progress(attempt, report(1)))
      course.wait(.seconds(20))
      course.effect(.abort(attempt))
    },
    Forgery("a caller is told what nobody reported", says: "told what nobody reported") { course in
      let call = course.submit()
      course.send(call)
      course.effect(.progress(call.id, report(1)))
    },
    Forgery("a caller is told of an attempt that has ended", says: "told what nobody reported") {
      course in
      let call = course.submit()
      let attempt = course.send(call)
      course.fail(attempt)
      course.event(.progress(attempt, report(1)))
      course.effect(.progress(call.id, report(1)))
    },
    Forgery("a caller is told of another's call", says: "told what nobody reported") { course in
      let attempt = course.send(course.submit())
      let other = course.submit()
      course.event(.progress(attempt, report(1)))
      course.effect(.progress(other.id, report(1)))
    },
    Forgery("a caller is told after its outcome", says: "told after its outcome") { course in
      let call = course.submit()
      let attempt = course.send(call)
      course.finish(call, .cancelled, .unknown)
      course.event(.progress(attempt, report(1)))
      course.effect(.progress(call.id, report(1)))
    },
    Forgery("a caller is told less than before", says: "told less than before") { course in
      let call = course.submit()
      let attempt = course.send(call)
      for progress in [2.0, 1] {
        course.event(.progress(attempt, report(progress)))
        course.effect(.progress(call.id, report(progress)))
      }
    },
  ]

  // MARK: Tokens

  private static let tokens = [
    Forgery("a caller's token gets the cache's answer", says: "and another's answer") { course in
      var call = course.call()
      call.token = Secret("token-1.")
      course.event(.submit(call))
      course.finish(call, .success(SimulatedWorld.answer(to: call)), source: .cache)
    },
    Forgery("a caller's token gets an answer without a try", says: "and another's answer") {
      course in
      var call = course.call()
      call.token = Secret("token-1.")
      course.event(.submit(call))
      course.finish(call, .success(SimulatedWorld.answer(to: call)))
    },
    Forgery("a caller gets what another's token opened", says: "answer to another caller's token") {
      course in
      var other = course.call()
      other.token = Secret("token-1.")
      let call = course.submit()
      course.answer(course.send(call))
      course.finish(call, .success(SimulatedWorld.answer(to: other)))
    },
    Forgery("a letter holds a token", says: "holds its caller's token") { course in
      var call = course.call()
      call.token = Secret("token-1.")
      course.event(.submit(call))
      course.fail(course.send(call, runs: true), .connectionReset, .unknown)
      course.store(call, .unknown, words: "after token-1.")
    },
  ]
}
