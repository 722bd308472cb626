import FleetModel
import Glibc

/// A piece of work of nanoseconds, timed in a loop of many.
struct MicroBenchmark: Sendable {
  enum Unit: Double, Sendable {
    case nanoseconds = 1
    case microseconds = 1000

    var symbol: String {
      switch self {
      case .nanoseconds: "ns"
      case .microseconds: "µs"
      }
    }
  }

  /// Does it so many times; throws when what it did was not what it was to do.
  typealias Work = () throws -> Void

  /// On the command line.
  var id: String
  /// In words, with the conditions.
  var name: String
  var unit = Unit.nanoseconds
  /// In its unit; nil where nothing is asked.
  var limit: Double?
  /// By their ids in what the peers' programs print.
  var peers: [String] = []
  var profile: String?
  /// Read by one repetition; the figure is then megabytes a second of processor time, and the limit
  /// the least.
  var byteCount: Int?
  /// Makes what so many repetitions need; the time of this does not count.
  var prepare: @Sendable (_ count: Int) throws -> Work

  /// What a loop takes at least, so that neither its start nor the clock matters.
  static let loopTime = Duration.milliseconds(20)
  /// A round's figure is the median of so many loops.
  static let loopsPerRound = 5
  private static let countLimit = 1 << 24

  /// How many repetitions a loop needs; also brings caches and branch predictors into shape.
  func calibrated() throws -> Int {
    var count = 256
    while count < Self.countLimit, try time(count) < Self.loopTime { count *= 2 }
    return count
  }

  /// One round's figure, in the unit.
  func round(of count: Int) throws -> Double {
    let loops = try (0..<Self.loopsPerRound).map { _ in
      figure(Double(try time(count).nanoseconds) / Double(count))
    }
    return Measurement.median(loops)
  }

  private func figure(_ nanoseconds: Double) -> Double {
    byteCount.map { Double($0) * 1000 / nanoseconds } ?? nanoseconds / unit.rawValue
  }

  func measurement(_ runs: [Double], peers: [PeerFigure] = []) -> Measurement {
    Measurement(
      name: name, unit: byteCount == nil ? unit.symbol : "MB/s",
      bar: limit.map { byteCount == nil ? .atMost($0) : .atLeast($0) }, runs: runs,
      command: "benchmark \(id)", peers: peers, profile: profile)
  }

  private func time(_ count: Int) throws -> Duration {
    let work = try prepare(count)
    let clock = byteCount == nil ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID
    let start = Self.now(by: clock)
    try work()
    return Self.now(by: clock) - start
  }

  /// By default the clock of the engine's event loop.
  static func now(by clock: clockid_t = CLOCK_MONOTONIC) -> Instant {
    var time = timespec()
    clock_gettime(clock, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// Readings of the clock, one for each repetition.
  static func readings(_ count: Int) -> [Instant] { (0..<count).map { _ in now() } }

  /// A figure is worth nothing when the work did not come to what it should.
  static func expect(_ count: Int, _ wanted: Int, _ what: String) throws(BenchmarkError) {
    guard count == wanted else {
      throw .neverHappened("\(wanted) times \(what); it was \(count) times")
    }
  }
}
