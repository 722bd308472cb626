/// One server in the picture.
package struct ServerSnapshot: Hashable, Sendable {
  package enum Transport: String, Hashable, Sendable { case http, sse, stdio, bridge }
  package enum Era: String, Hashable, Sendable { case modern, handshake, unknown }

  package var id: ServerID
  package var transport: Transport
  /// Where it was configured: a file and the path in it, or another source's name.
  package var source = ""
  /// Host and port, socket or program in use; free of secrets.
  package var address = ""
  /// What the server calls itself; may hold any text.
  package var serverName: String?
  package var serverVersion: String?
  package var era = Era.unknown
  package var protocolVersion: String?
  package var isConnected = false
  /// Why the last attempt to connect failed; nil while connected. May hold any text.
  package var connectFailure: String?
  /// Another server answers in its place, and waits for the operator's word.
  package var impostor: ImpostorSnapshot?
  /// Which of several endpoints is in use; nil when there is one only.
  package var endpoint: EndpointSnapshot?
  /// The child process keeps ending soon after its start; nil when it does not.
  package var crashLoop: CrashLoopSnapshot?
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
  package var load = LoadSnapshot()
  /// What was done for each operation, in the order of their first calls; at most
  /// `operationLimit`, the last of which gathers the rest.
  package var operations: [OperationSnapshot] = []
  package var deadLetterCount = 0
  /// Recent course, one point a tick, oldest first.
  package var series = ServerSeries()

  package static let operationLimit = 50

  package init(id: ServerID, transport: Transport) {
    self.id = id
    self.transport = transport
  }
}

/// Another server that answers in a server's place.
package struct ImpostorSnapshot: Hashable, Sendable {
  package var address: String
  package var expected: ServerIdentity
  /// May hold any text.
  package var found: ServerIdentity

  package init(address: String, expected: ServerIdentity, found: ServerIdentity) {
    self.address = address
    self.expected = expected
    self.found = found
  }
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

/// Latency of calls in the last minute; nil without calls.
package struct LatencySnapshot: Hashable, Sendable {
  package var p50: Duration?
  package var p95: Duration?
  package var p99: Duration?

  package init() {}
}

/// Which of a server's endpoints is in use.
package struct EndpointSnapshot: Hashable, Sendable {
  package var name: String
  /// From 1, in the order of preference.
  package var position: Int
  package var count: Int

  package init(name: String, position: Int, count: Int) {
    self.name = name
    self.position = position
    self.count = count
  }
}

/// A child process that keeps ending soon after its start.
package struct CrashLoopSnapshot: Hashable, Sendable {
  /// Ends in a row.
  package var count: Int
  /// How it ended last, with its last line on standard error; may hold any text.
  package var lastWords: String
  /// When it is started next; nil while it is starting.
  package var nextTry: Timestamp?

  package init(count: Int, lastWords: String, nextTry: Timestamp?) {
    self.count = count
    self.lastWords = lastWords
    self.nextTry = nextTry
  }
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
