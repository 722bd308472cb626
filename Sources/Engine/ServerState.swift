import FleetModel
import Resilience
import Telemetry

/// Everything the machine knows of one server.
struct ServerState: Sendable {
  /// As the configuration has it.
  var configured: ServerDefinition
  /// Its endpoint is the one in use just now, where it was found last.
  var definition: ServerDefinition
  /// The upper half of its connections' numbers.
  let tenancy: UInt64
  /// It is in the fleet no more; its last calls are on the wire.
  var isRetired = false
  var breaker: Breaker
  var pool: Pool<CallID>
  var budget: RetryBudget
  var cache: ResponseCache<ReadKey, JSONText>
  var health: HealthTracker
  var bulkhead: Bulkhead<CallID>
  var limits: RateLimits
  var selector: EndpointSelector
  /// When its pool's timer is set; nil while it is not.
  var poolTimerAt: Instant?
  var checkStartedAt: Instant?
  /// The first attempt to connect has ended, well or not: before that there is nothing to judge.
  var hasVerdict = false

  /// What the last successful open found; kept over an outage, because eras rarely change.
  var info: ConnectionInfo?
  var tools: [String: ToolList.Tool] = [:]
  var toolCount: Int?
  var isListingTools = false
  /// The server let the last listing be kept.
  var mayKeepTools = false
  /// The cache's epoch when the listing under way was asked for.
  var listingEpoch: UInt64 = 0
  /// An outage's first failure is an event, the next ones are its course.
  var hasAnnouncedOutage = false
  var isCrashLooping = false
  /// A more preferred endpoint is being tried.
  var isWatching = false

  /// By endpoint, who is expected to answer there; nil until somebody did.
  var identities: [ExpectedIdentity?]
  var impostor: Impostor?
  /// Its tools changed on a live connection after its identity was read.
  var hasNewTools = false
  /// Ports are being asked who is there.
  var search: PortSearch?
  /// No search begins before; nil is at once.
  var searchAllowedAt: Instant?

  /// Reads under way that may answer for others like them.
  var flights: [ReadKey: CallID] = [:]
  var callsInFlight = 0
  var counts = CallCounts()
  /// Calls that the breaker turned away.
  var rejections = 0
  var retryTotal = 0
  var operations = OperationStatistics()
  /// The counters of its picture; the gauges are filled in there.
  var load = LoadSnapshot()
  var window = MinuteWindow()
  var deadLetterCount = 0
  /// Dead letters since the last tick, and what became of the newest one's call.
  var newLetters = 0
  var newestLetter = ""

  var retriesAtLastTick = 0
  var callsAtLastTick = 0
  var retriesPerSecond = Ring<Double>(limit: Snapshot.seriesLimit)
  var callsPerSecond = Ring<Double>(limit: Snapshot.seriesLimit)
  var breakerStates = Ring<BreakerSnapshot.State>(limit: Snapshot.seriesLimit)
  var deadLetters = Ring<Int>(limit: Snapshot.seriesLimit)

  /// - Parameter tenancy: ≥ 1, different for each server ever added.
  init(_ definition: ServerDefinition, tenancy: UInt64) {
    configured = definition
    self.definition = definition
    self.tenancy = tenancy
    identities = Self.identities(definition)
    let policies = definition.policies
    breaker = Breaker(
      policies.breaker, seed: tenancy - 1, probeLease: Self.probeLease(policies))
    pool = Pool(
      policies.pool, opensOnDemand: definition.endpoint.isHTTP, firstNumber: tenancy << 32)
    budget = RetryBudget(policies.retry)
    cache = ResponseCache(policies.cache)
    health = HealthTracker(policies.health)
    bulkhead = Bulkhead(
      limit: Self.places(policies), queueLimit: policies.load.queueLimit,
      queueTimeout: policies.load.queueTimeout)
    load.limit = Self.places(policies)
    limits = RateLimits(policies.load)
    selector = EndpointSelector(
      count: max(1, definition.choices.count), policy: policies.failover)
  }

  /// Nobody: what a free place holds.
  static let vacant = ServerState(
    ServerDefinition(
      id: ServerID(""),
      endpoint: .stdio(command: "", arguments: [], environment: [], workingDirectory: nil)),
    tenancy: UInt64(UInt32.max))

  /// Tries that run at once.
  static func places(_ policies: Policies) -> Int {
    guard policies.load.concurrency <= 0 else { return policies.load.concurrency }
    return max(1, policies.pool.openLimit) * max(1, policies.pool.streamsPerConnection)
  }

  /// A probe's own limits end it; only what slips through them is given up by the lease.
  static func probeLease(_ policies: Policies) -> Duration {
    max(policies.retry.tryTimeout, policies.retry.progressTimeout)
      + policies.pool.acquireTimeout + .seconds(1)
  }

  /// Sending it twice does no further harm: a read, or a tool that declares so.
  static func isSafe(_ call: Call, among tools: [String: ToolList.Tool]) -> Bool {
    guard call.method == "tools/call" else { return reads.contains(call.method) }
    guard let target = call.target, let tool = tools[target] else { return false }
    return tool.isReadOnly || tool.isIdempotent
  }

  /// Methods that change nothing.
  static let reads: Set<String> = [
    "initialize", "ping", "server/discover", "tools/list", "resources/list",
    "resources/templates/list", "resources/read", "prompts/list", "prompts/get",
    "completion/complete",
  ]

  /// Reads whose answer holds for a while and for others; the others are about the connection.
  static let shareableReads: Set<String> = [
    "tools/list", "resources/list", "resources/templates/list", "resources/read", "prompts/list",
    "prompts/get", "completion/complete",
  ]

  mutating func count(_ reply: Reply) {
    switch reply {
    case .success: counts.success += 1
    case .toolError: counts.toolError += 1
    case .protocolError: counts.protocolError += 1
    case .failure: counts.transportFailure += 1
    }
  }

  /// What its pool's timer must be set to, if that is earlier than where it stands: an early timer
  /// does no harm, and one that is left alone costs nothing.
  mutating func moveUpPoolTimer() -> Instant? {
    guard let deadline = pool.nextDeadline else { return nil }
    if let standing = poolTimerAt, standing <= deadline { return nil }
    poolTimerAt = deadline
    return deadline
  }

  /// Closes a tick: rates are over its length.
  mutating func closeTick(of length: Duration, at now: Instant) {
    let seconds = max(length.seconds, 0.001)
    retriesPerSecond.append(Double(retryTotal - retriesAtLastTick) / seconds)
    callsPerSecond.append(Double(counts.total - callsAtLastTick) / seconds)
    breakerStates.append(breaker.state(at: now))
    deadLetters.append(deadLetterCount)
    retriesAtLastTick = retryTotal
    callsAtLastTick = counts.total
  }
}

extension Endpoint {
  var isHTTP: Bool {
    switch self {
    case .http, .bridge: true
    case .stdio: false
    }
  }

  var transport: ServerSnapshot.Transport {
    switch self {
    case .http(let endpoint): endpoint.style == .sse ? .sse : .http
    case .stdio: .stdio
    case .bridge: .bridge
    }
  }
}
