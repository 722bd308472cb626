import Engine
import FleetModel

@testable import Simulation

extension Forgery {
  static let breakers = [
    Forgery("a call passes a breaker forced open", says: "while the breaker is forced open") {
      course in
      course.override(.open, for: .seconds(10))
      course.wait(.milliseconds(9999))
      course.succeed()
    },
    Forgery("a call passes until the reset", says: "while the breaker is forced open") { course in
      course.override(.open, for: .zero)
      course.wait(.seconds(100_000))
      course.succeed()
    },
    Forgery("five failures do not open it", says: "open after 5 failures in a row") { course in
      for _ in 0..<5 { course.failOnce() }
      course.wait(.seconds(29))
      course.succeed()
    },
    Forgery(
      "it says open, and lets pass", says: "a call was sent while the breaker is open"
    ) { course in
      course.publish {
        $0.breaker.state = .open
        $0.breaker.until = Simulation.epoch + .seconds(30)
      }
      course.wait(.seconds(29))
      course.succeed()
    },
    Forgery(
      "it lets more than its permits pass", says: "3 calls are out while the breaker is half-open",
      { $0.breaker.halfOpenPermits = 2 }
    ) { course in
      course.override(.open, for: .seconds(1))
      course.wait(.seconds(1))
      for _ in 0..<3 { course.send(course.submit()) }
    },
    Forgery(
      "a failed probe does not open it", says: "for its probe failed",
      { $0.breaker.halfOpenPermits = 5 }
    ) { course in
      course.override(.open, for: .seconds(1))
      course.wait(.seconds(1))
      course.failOnce()
      course.wait(.seconds(1))
      course.succeed()
    },
    Forgery("it says closed after five failures", says: "while it must be open after 5") { course in
      for _ in 0..<5 { course.failOnce() }
      course.publish { $0.breaker.state = .closed }
    },
    Forgery("it says half-open before its time", says: "says halfOpen while it must be") { course in
      for _ in 0..<5 { course.failOnce() }
      course.publish { $0.breaker.state = .halfOpen }
    },
    Forgery("it closes before enough successes", says: "closed before 2 probes") { course in
      course.override(.open, for: .seconds(1))
      course.wait(.seconds(1))
      course.succeed()
      course.publish { $0.breaker.state = .closed }
    },
    Forgery("it does not do as ordered", says: "closed, not forcedOpen as ordered") { course in
      course.override(.open, for: .seconds(10))
      course.publish { $0.breaker.state = .closed }
    },
    Forgery("it is disabled by nobody", says: "by nobody's order") { course in
      course.publish { $0.breaker.state = .disabled }
    },
    Forgery("it counts more probes than permits", says: "4 probes are out of 3") { course in
      course.publish {
        $0.breaker.state = .halfOpen
        $0.breaker.probesInFlight = 4
      }
    },
    Forgery("its history has a gap", says: "is followed by one from closed") { course in
      course.publish {
        $0.breaker.transitions = [
          BreakerTransition(from: .closed, to: .open, at: Simulation.epoch, reason: ""),
          BreakerTransition(from: .closed, to: .halfOpen, at: Simulation.epoch, reason: ""),
        ]
      }
    },
  ]
}
