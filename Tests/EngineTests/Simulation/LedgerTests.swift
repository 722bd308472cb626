import Engine
import FleetModel
import Testing

@testable import Simulation

@Suite struct `The ledger of a simulation` {
  @Test(
    arguments:
      Forgery.calls + Forgery.breakers + Forgery.limits + Forgery.ends + Forgery.changes)
  func `sees each broken invariant`(forgery: Forgery) {
    let words = forgery.course().words
    #expect(words.contains { $0.contains(forgery.words) }, "found \(words)")
  }

  @Test func `finds nothing wrong with a right course`() {
    var course = ForgedCourse({ $0.retry.delivery = .whenSafe })
    for _ in 0..<3 { course.succeed() }
    let read = course.submit("read")
    course.fail(course.send(read, runs: true), .tryTimeout, .unknown)
    course.wait(.milliseconds(100))
    course.answer(course.send(read, runs: true))
    course.finish(read)
    let lost = course.submit()
    course.fail(course.send(lost, runs: true), .connectionReset, .unknown)
    course.store(lost, .unknown)
    course.finish(
      lost, .failure(Failure(.connectionReset, "no", delivery: .unknown)), deadLetter: .stored)
    course.succeed()
    for _ in 0..<5 { course.failOnce() }
    course.wait(.seconds(31))
    course.succeed()
    course.succeed()
    course.publish()
    course.event(.stop)
    course.effect(.close(ConnectionID(number: 1)))
    course.ledger.judgeEnd(course.picture(), at: course.now)
    #expect(course.words == [])
  }

  @Test func `a removed server's call may wait in another's queue, unseen until it is sent`() {
    var course = ForgedCourse(ForgedCourse.askingTwo)
    _ = course.submit()
    course.event(.reconfigured([ForgedCourse.definition(ForgedCourse.two)]))
    course.judgeMemory()
    #expect(course.words == [])
  }

  @Test func `it may wait there by the fallback that it met before its server changed`() {
    var course = ForgedCourse(ForgedCourse.askingTwo)
    _ = course.submit()
    let two = ForgedCourse.definition(ForgedCourse.two)
    course.event(.reconfigured([ForgedCourse.definition(ForgedCourse.one), two]))
    course.event(.reconfigured([two]))
    course.judgeMemory()
    #expect(course.words == [])
  }

  @Test func `calls that nobody saw come may wait by the limits before a change`() {
    let old = ForgedCourse.definition(ForgedCourse.one)
    var probing = old
    probing.probes = [Probe(tool: "read", arguments: .emptyObject, interval: .seconds(1))]
    var narrow = old
    narrow.policies.pool.waiterLimit = 0
    var asking = ForgedCourse.definition(ForgedCourse.two)
    asking.policies.fallbacks = [
      Fallback(target: .any, source: .tool(ForgedCourse.one, nil))
    ]
    for fleet in [[probing], [old, asking], [old]] {
      var course = ForgedCourse()
      course.event(.reconfigured(fleet))
      course.event(.reconfigured([narrow] + fleet.dropFirst()))
      course.publish { $0.pool.waiting = 1 }
      let isRight = fleet != [old]
      #expect(course.words.isEmpty == isRight, "\(course.words)")
      course.wait(old.policies.retry.totalTimeout + .milliseconds(1))
      course.publish { $0.pool.waiting = 1 }
      #expect(course.words.last == "one: 1 wait for a connection, not 0")
    }
  }

  @Test(arguments: [true, false])
  func `a probe that was not seen to come may go on by the policy before a change`(
    isSoon: Bool
  ) {
    var old = ForgedCourse.definition(ForgedCourse.one)
    old.probes = [Probe(tool: "read", arguments: .emptyObject, interval: .seconds(1))]
    var new = old
    new.policies.retry.schedule.retryLimit = 0
    new.policies.retry.totalTimeout = .milliseconds(200)
    var course = ForgedCourse()
    course.event(.reconfigured([old]))
    course.event(.reconfigured([new]))
    course.wait(isSoon ? .milliseconds(1) : old.policies.retry.totalTimeout + .milliseconds(1))
    let probe = course.call("read", origin: .probe)
    for _ in 0..<2 { course.fail(course.send(probe)) }
    course.wait(.milliseconds(300))
    course.finish(probe, .httpStatus(503), .refused)
    for words in ["tried again more than 0 times", "ends after its deadline"] {
      #expect(course.words.contains { $0.contains(words) } != isSoon, "\(course.words)")
    }
    #expect(course.words.isEmpty == isSoon, "\(course.words)")
  }

  @Test func `says when and what`() {
    var course = ForgedCourse()
    course.wait(.milliseconds(1500))
    let call = course.submit()
    course.finish(call, .notConnected)
    course.finish(call, .notConnected)
    #expect(
      course.ledger.violations.map(\.description)
        == ["1.500 s  00000000-0000-0007-0000-000000000001 ends twice"])
  }

  @Test func `writes down so many violations and no more`() {
    var course = ForgedCourse()
    for _ in 0..<100 { course.effect(.store(.forged)) }
    #expect(course.words.count == Ledger.violationLimit)
  }
}

extension DeadLetter {
  /// Of a call that nobody sent.
  fileprivate static var forged: DeadLetter {
    DeadLetter(
      id: DeadLetterID(CallID(high: 1, low: 1)), server: ForgedCourse.one, client: "",
      method: "tools/call",
      target: nil, params: .emptyObject, errorKind: "", errorMessage: "", delivery: .unknown,
      isIdempotent: false, attempts: [], createdAt: Simulation.epoch,
      lastAttemptAt: Simulation.epoch, expiresAt: Simulation.epoch)
  }
}
