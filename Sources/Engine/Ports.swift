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

/// Keeps dead letters; every change is durable before its method returns, and is atomic.
///
/// Expired letters are invisible to every method. A letter whose lease has ended is pending, and
/// may have executed, unless it ran for sure. Unreadable ones are listed and deleted, and nothing
/// else.
package protocol DeadLetterStore: Sendable {
  /// The file or address, without credentials.
  var place: String { get }
  /// Adding an id twice keeps the first; a letter that was being replayed becomes pending.
  func add(_ letter: DeadLetter) async throws(DeadLetterStoreError) -> DeadLetterAddition
  /// Newest first: by `createdAt`, then by id.
  func page(
    _ selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
  ) async throws(DeadLetterStoreError) -> DeadLetterPage
  func count(_ selection: DeadLetterSelection) async throws(DeadLetterStoreError) -> Int
  func statistics() async throws(DeadLetterStoreError) -> DeadLetterStatistics
  /// Takes those of the letters that are pending; two claimants never get the same one. Unsafe ones
  /// are left alone unless `isForced`. Oldest first.
  func claim(
    _ ids: [DeadLetterID], by owner: String, isForced: Bool, until: Timestamp
  ) async throws(DeadLetterStoreError) -> DeadLetterClaim
  /// A claimed letter was delivered; ignored unless `owner` still holds it.
  func complete(_ letter: DeadLetter, by owner: String) async throws(DeadLetterStoreError)
  /// A claimed letter failed again: pending once more, its history longer; ignored unless `owner`
  /// still holds it.
  func giveBack(_ letter: DeadLetter, by owner: String) async throws(DeadLetterStoreError)
  /// Changes the params of a pending letter; the first ones stay its `original`.
  ///
  /// - Returns: whether there is such a letter.
  func revise(
    _ id: DeadLetterID, params: JSONText
  ) async throws(DeadLetterStoreError) -> Bool
  /// Marks pending letters as discarded; returns how many.
  func discard(_ selection: DeadLetterSelection) async throws(DeadLetterStoreError) -> Int
  /// Deletes for good, whatever the state; what a running replay of one brings is thrown away.
  /// Returns how many.
  func delete(_ selection: DeadLetterSelection) async throws(DeadLetterStoreError) -> Int
  /// Removes what has expired, ends leases, mends indexes; returns how many letters expired.
  func sweep() async throws(DeadLetterStoreError) -> Int
  /// The open letters in short, for the picture of every second.
  func tally(recentLimit: Int) async throws(DeadLetterStoreError) -> DeadLetterTally
  /// Ends its threads and connections; whatever is asked of it afterwards fails.
  func close() async
}

/// What became of a letter that was added.
package struct DeadLetterAddition: Hashable, Sendable {
  /// False where its id was there already.
  package var isNew: Bool
  /// The oldest letters, which the size limit pushed out.
  package var dropped: Int

  package init(isNew: Bool, dropped: Int = 0) { (self.isNew, self.dropped) = (isNew, dropped) }
}

/// What a claim got; the rest of its ids were not pending.
package struct DeadLetterClaim: Hashable, Sendable {
  package var letters: [DeadLetter]
  /// How many may have executed, and were left alone for want of `isForced`.
  package var skippedUnsafe: Int

  package init(letters: [DeadLetter], skippedUnsafe: Int) {
    self.letters = letters
    self.skippedUnsafe = skippedUnsafe
  }
}

/// The open letters in short.
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
  /// Nil before the store was asked anything.
  package var durability: DeadLetterDurability?

  package init() {}
}

/// The store could not do it; the message names the file or server and what to do.
package struct DeadLetterStoreError: Error, Hashable, Sendable {
  package var message: String
  /// The letter itself cannot be kept here; others can.
  package var isOfLetter: Bool

  package init(_ message: String, isOfLetter: Bool = false) {
    (self.message, self.isOfLetter) = (message, isOfLetter)
  }
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
