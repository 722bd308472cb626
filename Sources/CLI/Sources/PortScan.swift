import FleetModel
import Wire

/// The search for ToolHive: the configured port first, then every port of the range at once; pure.
struct PortScan: Sendable {
  /// Tries of the configured port, and the time between two of them.
  static let preferredTries = 3
  static let pause = Duration.seconds(1)
  /// Of the whole search.
  static let timeLimit = Duration.seconds(30)
  /// Ports of a range.
  static let portLimit = 1024
  /// Ports asked at the same time.
  static let concurrencyLimit = 128

  struct Found: Hashable, Sendable {
    var port: Int
    var version: ToolHiveVersion
  }

  enum Event: Hashable, Sendable {
    /// What answered there; nil is nobody, or somebody else.
    case answered(port: Int, ToolHiveVersion?)
    case timeReached
  }

  enum Effect: Hashable, Sendable {
    /// Ask this port for ToolHive's version.
    case ask(port: Int)
    /// Tell when this time has come.
    case wake(at: Instant)
    /// The search is over; questions still under way do not count.
    case finish(Found?)
  }

  private enum Phase: Sendable {
    case preferred(port: Int, tries: Int, isUnderWay: Bool)
    case range(left: ArraySlice<Int>, underWay: Int)
    case over
  }

  private let ports: [Int]
  private var phase: Phase
  private var best: Found?
  private let end: Instant

  /// - Parameter preferred: nil where no port is configured.
  init(preferred: Int?, range: ClosedRange<Int>, at now: Instant) {
    precondition(range.count <= Self.portLimit, "the range is checked where it is read")
    ports = Array(range)
    end = now + Self.timeLimit
    phase =
      preferred.map { .preferred(port: $0, tries: 0, isUnderWay: false) }
      ?? .range(left: ports[...], underWay: 0)
  }

  mutating func begin() -> [Effect] { [.wake(at: end)] + next() }

  mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .timeReached where now >= end: return finish(best)
    case .timeReached: return next()
    case .answered(let port, let version): return answered(port, version, at: now)
    }
  }

  private mutating func answered(
    _ port: Int, _ version: ToolHiveVersion?, at now: Instant
  ) -> [Effect] {
    switch phase {
    case .preferred(_, let tries, _):
      if let version { return finish(Found(port: port, version: version)) }
      guard tries < Self.preferredTries else {
        phase = .range(left: ports[...], underWay: 0)
        return next()
      }
      phase = .preferred(port: port, tries: tries, isUnderWay: false)
      return [.wake(at: now + Self.pause)]
    case .range(let left, let underWay):
      phase = .range(left: left, underWay: underWay - 1)
      // The lower port of two equal versions, whoever answered first.
      if let version {
        let found = Found(port: port, version: version)
        best = best.map { Self.better($0, found) } ?? found
      }
      return next()
    case .over: return []
    }
  }

  /// The questions that can be asked now.
  private mutating func next() -> [Effect] {
    switch phase {
    case .preferred(_, _, isUnderWay: true), .over: return []
    case .preferred(let port, let tries, isUnderWay: false):
      phase = .preferred(port: port, tries: tries + 1, isUnderWay: true)
      return [.ask(port: port)]
    case .range(let left, let underWay):
      let asked = left.prefix(Self.concurrencyLimit - underWay)
      phase = .range(left: left.dropFirst(asked.count), underWay: underWay + asked.count)
      if asked.isEmpty, underWay == 0 { return finish(best) }
      return asked.map { .ask(port: $0) }
    }
  }

  private mutating func finish(_ found: Found?) -> [Effect] {
    if case .over = phase { return [] }
    phase = .over
    return [.finish(found)]
  }

  private static func better(_ one: Found, _ other: Found) -> Found {
    if one.version < other.version { return other }
    if other.version < one.version { return one }
    return one.port <= other.port ? one : other
  }
}
