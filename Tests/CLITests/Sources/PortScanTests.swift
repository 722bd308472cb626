import FleetModel
import Testing
import Wire

@testable import CLI

/// The search for ToolHive on a pretend clock.
struct PortScanTests {
  /// What answers on each port and after how long; all other ports refuse at once.
  private struct Net {
    var answers: [Int: (version: String?, delay: Double)] = [:]

    struct Course: Equatable {
      var asked: [(port: Int, at: Double)] = []
      var mostAtOnce = 0
      var found: PortScan.Found?
      var end = 0.0

      static func == (left: Course, right: Course) -> Bool { left.found == right.found }
    }

    func run(preferred: Int?, _ range: ClosedRange<Int>) -> Course {
      var course = Course()
      var scan = PortScan(preferred: preferred, range: range, at: .origin)
      var queue: [(at: Instant, number: Int, event: PortScan.Event)] = []
      var number = 0
      var underWay = 0
      var now = Instant.origin
      var effects = scan.begin()
      while true {
        for effect in effects {
          number += 1
          switch effect {
          case .ask(let port):
            course.asked.append((port, (now - .origin).seconds))
            underWay += 1
            course.mostAtOnce = max(course.mostAtOnce, underWay)
            let answer = answers[port]
            let delay = Duration(fractionalSeconds: answer?.delay ?? 0)
            let version = answer?.version.map(ToolHiveVersion.init)
            queue.append((now + delay, number, .answered(port: port, version)))
          case .wake(let instant): queue.append((instant, number, .timeReached))
          case .finish(let found):
            course.found = found
            course.end = (now - .origin).seconds
            return course
          }
        }
        queue.sort { ($0.at, $0.number) < ($1.at, $1.number) }
        guard !queue.isEmpty else { return course }
        let next = queue.removeFirst()
        now = next.at
        if case .answered = next.event { underWay -= 1 }
        effects = scan.handle(next.event, at: now)
      }
    }
  }

  private static func found(_ port: Int, _ version: String) -> PortScan.Found {
    PortScan.Found(port: port, version: ToolHiveVersion(version))
  }

  @Test func `the configured port comes first and alone, whatever else there is`() {
    let net = Net(answers: [50_001: ("v0.1.0", 0.2), 50_007: ("v9.0.0", 0)])
    let course = net.run(preferred: 50_001, 50_000...50_100)
    #expect(course.found == Self.found(50_001, "v0.1.0"))
    #expect(course.asked.map(\.port) == [50_001])
  }

  @Test func `it is tried three times, a second apart, before the range is asked at once`() {
    let course = Net(answers: [50_007: ("v0.2.0", 0)]).run(preferred: 40_000, 50_000...50_100)
    #expect(course.found == Self.found(50_007, "v0.2.0"))
    #expect(course.asked.prefix(3).map(\.port) == [40_000, 40_000, 40_000])
    #expect(course.asked.prefix(3).map(\.at) == [0, 1, 2])
    #expect(course.asked.dropFirst(3).map(\.port) == Array(50_000...50_100))
    #expect(course.asked.dropFirst(3).allSatisfy { $0.at == 2 })
  }

  @Test func `of several the highest version wins, and the lower port of equals`() {
    let net = Net(answers: [
      50_001: ("build-abc", 0), 50_002: ("v0.6.1", 0.9), 50_003: ("v0.6.1", 0.1),
      50_004: ("v0.6.0", 0), 50_005: (nil, 0),
    ])
    #expect(net.run(preferred: nil, 50_000...50_100).found == Self.found(50_002, "v0.6.1"))
  }

  @Test func `a development build is found where there is nothing else`() {
    let net = Net(answers: [50_001: ("build-abc", 0)])
    #expect(net.run(preferred: nil, 50_000...50_100).found == Self.found(50_001, "build-abc"))
  }

  @Test func `the largest range is asked in bounded numbers, every port once`() {
    let course = Net(
      answers: .init(uniqueKeysWithValues: (50_000...51_023).map { ($0, (nil, 0.5)) })
    ).run(preferred: nil, 50_000...51_023)
    #expect(course.found == nil)
    #expect(course.mostAtOnce == PortScan.concurrencyLimit)
    #expect(course.asked.map(\.port) == Array(50_000...51_023))
    #expect(course.end == 4)
  }

  @Test(arguments: [nil, 40_000])
  func `after thirty seconds the best so far counts`(preferred: Int?) {
    let slow = (50_000...50_100).map { ($0, (version: String?.none, delay: 100.0)) }
    var net = Net(answers: .init(uniqueKeysWithValues: slow))
    net.answers[50_050] = ("v0.5.0", 1)
    net.answers[50_060] = ("v9.0.0", 31)
    let course = net.run(preferred: preferred, 50_000...50_100)
    #expect(course.end == 30)
    #expect(course.found == Self.found(50_050, "v0.5.0"))
  }

  @Test func `a configured port that says nothing does not hold the search beyond its time`() {
    let course = Net(answers: [40_000: (nil, 100)]).run(preferred: 40_000, 50_000...50_100)
    #expect(course.end == 30)
    #expect(course.found == nil)
  }
}
