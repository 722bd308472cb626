package import FleetModel

/// What a connection turned out to be once it was open.
package struct ConnectionInfo: Hashable, Sendable {
  package var era: ServerSnapshot.Era
  package var protocolVersion: String
  /// The server's own name and version, for display only.
  package var serverName: String?
  package var serverVersion: String?
  /// What the connection speaks in truth, where the endpoint leaves it open.
  package var transport: ServerSnapshot.Transport?
  /// Of a server whose endpoint has a port range; else nil.
  package var identity: ServerIdentity?

  package init(
    era: ServerSnapshot.Era, protocolVersion: String, serverName: String? = nil,
    serverVersion: String? = nil, transport: ServerSnapshot.Transport? = nil,
    identity: ServerIdentity? = nil
  ) {
    self.era = era
    self.protocolVersion = protocolVersion
    self.serverName = serverName
    self.serverVersion = serverVersion
    self.transport = transport
    self.identity = identity
  }
}

/// What a server's `tools/list` says, all pages together.
package struct ToolList: Hashable, Sendable {
  package struct Tool: Hashable, Sendable {
    package var name: String
    package var description: String?
    /// The untrusted hints, false where the server does not declare them.
    package var isReadOnly: Bool
    package var isIdempotent: Bool

    package init(
      name: String, description: String? = nil, isReadOnly: Bool = false,
      isIdempotent: Bool = false
    ) {
      self.name = name
      self.description = description
      self.isReadOnly = isReadOnly
      self.isIdempotent = isIdempotent
    }
  }

  package var tools: [Tool]
  /// The `result` object as a caller of `tools/list` gets it: all pages in one.
  package var result: JSONText
  /// The server's own `ttlMs`; nil when it gave none.
  package var timeToLive: Duration?

  package init(tools: [Tool], result: JSONText, timeToLive: Duration? = nil) {
    self.tools = tools
    self.result = result
    self.timeToLive = timeToLive
  }
}

/// What one exchange on the wire brought; the transport classifies, the machine decides.
package struct Exchange: Hashable, Sendable {
  package var reply: Reply
  /// The connection can carry no more calls (broken, session gone, process ended).
  package var closesConnection: Bool
  /// For how long the server lets a read's result be kept; nil when it says nothing.
  package var timeToLive: Duration?

  package init(reply: Reply, closesConnection: Bool = false, timeToLive: Duration? = nil) {
    self.reply = reply
    self.closesConnection = closesConnection
    self.timeToLive = timeToLive
  }
}

/// How an adapter tells the engine of things it was not asked for; called from any thread.
package enum TransportEvent: Hashable, Sendable {
  /// A connection died by itself.
  case closed(ServerID, ConnectionID, Failure)
  /// The server announced that its tools changed.
  case toolsChanged(ServerID)
  /// The server announced a change that makes its answers to methods that begin so old.
  case readsChanged(ServerID, String)
  /// The server reports on an attempt under way.
  case progress(AttemptID, CallProgress)
  /// A line for the event log, such as the last stderr line of a child that ended.
  case note(ServerID, Notice.Severity, String)
}

/// Carries calls to servers. Every method ends when its task is cancelled, after releasing what it
/// held.
package protocol Transport: Sendable {
  /// Where unasked events go; set once, before the first `open`.
  func onEvent(_ sink: @escaping @Sendable (TransportEvent) -> Void)
  /// Opens one connection and settles its era: connects or starts the child, `server/discover`,
  /// else `initialize`. `knownEra` is the verdict of an earlier connection to the same server.
  func open(
    _ connection: ConnectionID, to server: ServerDefinition, knownEra: ConnectionInfo?
  ) async throws(Failure) -> ConnectionInfo
  /// Asks every port of the endpoint's range who is there, all at once; 30 s at most. Only those
  /// that answer as MCP servers are returned, by port.
  func locate(_ server: ServerDefinition) async -> [PortCandidate]
  /// Closes a connection; a child process is given its time to end.
  func close(_ connection: ConnectionID) async
  /// Asks an idle connection whether it still works.
  func validate(_ connection: ConnectionID) async throws(Failure)
  /// One try of one call. `attempt` makes the wire id; `idempotencyKey` travels in `_meta`.
  func exchange(
    _ call: Call, attempt: AttemptID, on connection: ConnectionID
  ) async -> Exchange
  /// All pages of `tools/list`.
  func listTools(on connection: ConnectionID) async throws(Failure) -> ToolList
  /// A liveness check apart from the pool's connections over HTTP, and through the child on stdio:
  /// `GET /health` where the server has it, else `server/discover` or `ping`.
  func check(_ server: ServerDefinition, knownEra: ConnectionInfo?, connection: ConnectionID?)
    async throws(Failure)
  /// Closes everything; returns when all children have ended.
  func shutdown() async
}

/// Keeps dead letters; durable before `add` returns.
package protocol DeadLetterStore: Sendable {
  /// Adding an id twice keeps one row.
  func add(_ letter: DeadLetter) async throws(DeadLetterStoreError)
  /// Newest first, expired ones left out.
  func list(
    _ selection: DeadLetterSelection, limit: Int
  ) async throws(DeadLetterStoreError) -> [DeadLetter]
  /// Marks pending letters as replaying until `leaseUntil` and returns those that were free to
  /// take, oldest first; two claimants never get the same one. Unsafe ones are skipped unless
  /// `force`.
  func claim(
    _ selection: DeadLetterSelection, force: Bool, now: Timestamp, leaseUntil: Timestamp
  ) async throws(DeadLetterStoreError) -> DeadLetterClaim
  /// A claimed letter was delivered: it is gone.
  func complete(_ id: CallID) async throws(DeadLetterStoreError)
  /// A claimed letter failed again: pending once more, its history longer.
  func giveBack(_ letter: DeadLetter) async throws(DeadLetterStoreError)
  /// Deletes for good; returns how many.
  func delete(_ selection: DeadLetterSelection) async throws(DeadLetterStoreError) -> Int
  /// Removes expired letters and returns how many are left, by server, with the oldest and the
  /// newest.
  func tally(now: Timestamp, recentLimit: Int) async throws(DeadLetterStoreError)
    -> DeadLetterTally
}

/// What a claim got.
package struct DeadLetterClaim: Hashable, Sendable {
  package var letters: [DeadLetter]
  /// How many matched but may have executed, and were left alone for want of `force`.
  package var skippedUnsafe: Int

  package init(letters: [DeadLetter], skippedUnsafe: Int) {
    self.letters = letters
    self.skippedUnsafe = skippedUnsafe
  }
}

/// The queue in numbers.
package struct DeadLetterTally: Hashable, Sendable {
  package struct ServerCount: Hashable, Sendable {
    package var server: ServerID
    package var count: Int

    package init(server: ServerID, count: Int) { (self.server, self.count) = (server, count) }
  }

  package var total = 0
  /// Sorted by name.
  package var byServer: [ServerCount] = []
  package var oldest: Timestamp?
  /// Newest first.
  package var recent: [DeadLetter] = []

  package init() {}
}

/// The store could not do it; the message names the file or server and what to do.
package struct DeadLetterStoreError: Error, Hashable, Sendable {
  package var message: String

  package init(_ message: String) { self.message = message }
}

/// The thread the engine lives on, its clock and its one alarm.
package protocol EngineHost: AnyObject, Sendable {
  /// Jobs of the engine's actor and of its tasks run here, one at a time.
  var executor: any TaskExecutor & SerialExecutor { get }
  /// Monotonic.
  var now: Instant { get }
  /// Civil time, for display and files.
  var wallClock: Timestamp { get }
  /// Calls `body` on the executor's thread at the instant, or at once when it has passed. One alarm
  /// only: setting it again replaces it; nil takes it away.
  func setAlarm(at instant: Instant?, _ body: @escaping @Sendable () -> Void)
}
