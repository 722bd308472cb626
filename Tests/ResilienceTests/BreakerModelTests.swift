import FleetModel
import Resilience
import Testing

/// Random courses of calls, clock and operator against a naive model and the breaker's invariants.
@Suite struct BreakerModelTests {
  @Test(arguments: 0..<60 as Range<UInt64>)
  func `every interleaving keeps the invariants`(seed: UInt64) {
    var course = BreakerCourse(seed: seed)
    for _ in 0..<800 { course.step() }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func `a healthy server is found again in time, even if no earlier probe ever returns`(
    seed: UInt64
  ) {
    var course = BreakerCourse(seed: seed)
    for _ in 0..<15 {
      for _ in 0..<40 { course.step() }
      var recovering = course
      let bound = recovering.recoveryBound
      #expect(recovering.recover() <= bound)
      #expect(recovering.breaker.state(at: recovering.now) == .closed)
    }
  }
}
