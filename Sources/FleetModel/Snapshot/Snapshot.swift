/// An immutable picture of the whole fleet at one instant; panels, exports and scripts read nothing
/// else.
package struct Snapshot: Hashable, Sendable {
  package var at: Timestamp
  package var engine: EngineIdentity
  /// In the order of the configuration.
  package var servers: [ServerSnapshot]
  /// Where the servers come from, in the order of precedence.
  package var sources: [SourceSnapshot] = []
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

/// One place that servers come from.
package struct SourceSnapshot: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable { case file, toolhive, kubernetes }

  /// A file's path, or an address; free of secrets.
  package var name: String
  package var kind: Kind
  /// Servers that are run from it.
  package var serverCount: Int
  package var isWell: Bool
  /// One sentence: when it was read, or what is wrong with it. May hold any text.
  package var text: String

  package init(name: String, kind: Kind, serverCount: Int, isWell: Bool, text: String) {
    self.name = name
    self.kind = kind
    self.serverCount = serverCount
    self.isWell = isWell
    self.text = text
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

/// The fleet in three numbers.
package struct Totals: Hashable, Sendable {
  package var calls = 0
  /// Over the last minute, 0…1; nil without calls.
  package var successRate: Double?
  package var retriesPerSecond = 0.0

  package init() {}
}

/// The queue of dead letters.
package struct DeadLetterSnapshot: Hashable, Sendable {
  /// Open letters.
  package var size = 0
  package var oldest: Timestamp?
  /// The store's file or address, without credentials; empty where there is none.
  package var store = ""
  /// Why the store does not work just now; nil while it does.
  package var trouble: String?
  /// What becomes of acknowledged letters when the store fails; nil before it has answered.
  package var durability: DeadLetterDurability?
  /// Letters that wait in memory for the store to work again.
  package var spilled = 0
  /// Since the engine's start: letters that the size limit pushed out.
  package var dropped = 0
  package var counts = DeadLetterCounts()
  /// Those that run, and the last few that ended; oldest first.
  package var replays: [ReplaySnapshot] = []
  /// The newest entries, newest first; at most `recentLimit`.
  package var recent: [DeadLetter] = []

  package static let recentLimit = 50

  package init() {}
}

/// What was done with dead letters since the engine's start.
package struct DeadLetterCounts: Hashable, Sendable {
  /// Given to the store, or to the memory that waits for it.
  package var kept = 0
  /// Refused by both: lost.
  package var refused = 0
  package var delivered = 0
  /// Sent again without being delivered.
  package var failed = 0
  package var discarded = 0
  package var deleted = 0
  package var expired = 0

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
