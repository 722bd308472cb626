/// An immutable picture of the whole fleet at one instant; panels, exports and scripts read nothing
/// else.
package struct Snapshot: Hashable, Sendable {
  package var at: Timestamp
  package var engine: EngineIdentity
  /// In the order of the configuration.
  package var servers: [ServerSnapshot]
  package var totals: Totals
  package var backoff: HistogramSnapshot
  package var deadLetters: DeadLetterSnapshot
  /// The newest notices, oldest first; at most `noticeLimit`.
  package var notices: [Notice]
  /// The fleet's recent course, one point a tick, oldest first.
  package var series: FleetSeries

  package static let noticeLimit = 200
  /// Points of a series a snapshot carries: four minutes at 1 Hz.
  package static let seriesLimit = 240

  package init(
    at: Timestamp, engine: EngineIdentity, servers: [ServerSnapshot] = [],
    totals: Totals = Totals(), backoff: HistogramSnapshot = HistogramSnapshot(),
    deadLetters: DeadLetterSnapshot = DeadLetterSnapshot(), notices: [Notice] = [],
    series: FleetSeries = FleetSeries()
  ) {
    self.at = at
    self.engine = engine
    self.servers = servers
    self.totals = totals
    self.backoff = backoff
    self.deadLetters = deadLetters
    self.notices = notices
    self.series = series
  }
}

/// Which engine took the picture.
package struct EngineIdentity: Hashable, Sendable {
  package var name: String
  package var version: String
  package var startedAt: Timestamp

  package init(name: String, version: String, startedAt: Timestamp) {
    self.name = name
    self.version = version
    self.startedAt = startedAt
  }
}

/// One server in the picture.
package struct ServerSnapshot: Hashable, Sendable {
  package enum Transport: String, Hashable, Sendable { case http, sse, stdio, bridge }
  package enum Era: String, Hashable, Sendable { case modern, handshake, unknown }

  package var id: ServerID
  package var transport: Transport
  package var era = Era.unknown
  package var protocolVersion: String?
  package var isConnected = false
  package var health = HealthSnapshot()
  /// How many tools the server lists; nil until they were listed.
  package var toolCount: Int?
  package var calls = CallCounts()
  /// Share of calls that ended well in the last minute, 0…1; nil without calls. A tool error is an
  /// answer, not an engine's success: it counts against.
  package var successRate: Double?
  package var retries = RetrySnapshot()
  package var latency = LatencySnapshot()
  package var breaker = BreakerSnapshot()
  package var pool = PoolSnapshot()
  package var cache = CacheSnapshot()
  package var deadLetterCount = 0
  /// Recent course, one point a tick, oldest first.
  package var series = ServerSeries()

  package init(id: ServerID, transport: Transport) {
    self.id = id
    self.transport = transport
  }
}

/// What the server's checks say.
package struct HealthSnapshot: Hashable, Sendable {
  package enum Status: String, Hashable, Sendable { case healthy, unhealthy, unknown }

  package var status = Status.unknown
  package var responseTime: Duration?
  package var consecutiveFailures = 0
  package var lastSuccess: Timestamp?
  package var lastError: String?

  package init() {}
}

/// Calls by their four ends, since the engine started.
package struct CallCounts: Hashable, Sendable {
  package var success = 0
  package var toolError = 0
  package var protocolError = 0
  package var transportFailure = 0

  package var total: Int { success + toolError + protocolError + transportFailure }

  package init() {}
}

/// Tries after the first, of all calls since the engine started.
package struct RetrySnapshot: Hashable, Sendable {
  package var total = 0
  /// Over the last tick's length.
  package var perSecond = 0.0

  package init() {}
}

/// Latency of calls in the last minute; nil without calls.
package struct LatencySnapshot: Hashable, Sendable {
  package var p50: Duration?
  package var p95: Duration?
  package var p99: Duration?

  package init() {}
}

/// The server's circuit breaker.
package struct BreakerSnapshot: Hashable, Sendable {
  package enum State: String, Hashable, Sendable {
    case closed, open, halfOpen, forcedOpen, disabled
  }

  package var state = State.closed
  /// Why it is in this state, in words and numbers; nil while it never left closed.
  package var reason: String?
  /// When an open breaker lets the first call through again.
  package var until: Timestamp?
  package var consecutiveFailures = 0
  /// Share of failures in the window, 0…1; nil without samples.
  package var failureRate: Double?

  package init() {}
}

/// The server's connections.
package struct PoolSnapshot: Hashable, Sendable {
  package var open = 0
  package var idle = 0
  /// Calls on a connection just now.
  package var active = 0
  /// Calls that fit at once.
  package var max = 0
  package var waiting = 0

  package init() {}
}

/// The server's part of the tool cache, counted since the engine started.
package struct CacheSnapshot: Hashable, Sendable {
  package var hits = 0
  package var misses = 0
  package var evictions = 0
  package var size = 0

  package init() {}
}

/// The fleet in three numbers.
package struct Totals: Hashable, Sendable {
  package var calls = 0
  /// Over the last minute, 0…1; nil without calls.
  package var successRate: Double?
  package var retriesPerSecond = 0.0

  package init() {}
}

/// A cumulative histogram as Prometheus draws it.
package struct HistogramSnapshot: Hashable, Sendable {
  package struct Bucket: Hashable, Sendable {
    /// Upper bound in seconds, inclusive; the last is infinity.
    package var upperBound: Double
    /// Observations ≤ the bound.
    package var count: Int

    package init(upperBound: Double, count: Int) {
      self.upperBound = upperBound
      self.count = count
    }
  }

  package var count = 0
  /// Seconds.
  package var sum = 0.0
  package var buckets: [Bucket] = []

  package init() {}
}

/// The queue of dead letters.
package struct DeadLetterSnapshot: Hashable, Sendable {
  package var size = 0
  package var oldest: Timestamp?
  /// The newest entries, newest first; at most `recentLimit`.
  package var recent: [DeadLetter] = []

  package static let recentLimit = 50

  package init() {}
}

/// The fleet's course over the last ticks, oldest first; each array at most `Snapshot.seriesLimit`
/// long.
package struct FleetSeries: Hashable, Sendable {
  package var retriesPerSecond: [Double] = []
  /// NaN-free: a tick without calls is nil.
  package var successRate: [Double?] = []
  package var deadLetters: [Int] = []

  package init() {}
}

/// One server's course over the last ticks, oldest first; each array at most `Snapshot.seriesLimit`
/// long.
package struct ServerSeries: Hashable, Sendable {
  package var retriesPerSecond: [Double] = []
  package var callsPerSecond: [Double] = []
  package var breaker: [BreakerSnapshot.State] = []
  package var deadLetters: [Int] = []

  package init() {}
}
