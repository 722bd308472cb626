/// What became of one call; there is exactly one for each.
package struct Outcome: Hashable, Sendable {
  package enum Source: String, Hashable, Sendable, CaseIterable {
    case server
    case cache
    /// An answer of the cache past its time, given because the breaker is open.
    case staleCache
    /// What the operator configured in the place of the server's answer.
    case fallback
  }

  package var call: CallID
  package var reply: Reply
  /// Every try on the wire, first to last; empty when the call never got that far.
  package var attempts: [Attempt]
  /// From submission to this outcome.
  package var latency: Duration
  /// Where the reply came from.
  package var source: Source
  /// Where its dead letter is, which has its own id; nil when it leaves none.
  package var deadLetter: LetterKeeping?

  package init(
    call: CallID, reply: Reply, attempts: [Attempt] = [], latency: Duration = .zero,
    source: Source = .server, deadLetter: LetterKeeping? = nil
  ) {
    self.call = call
    self.reply = reply
    self.attempts = attempts
    self.latency = latency
    self.source = source
    self.deadLetter = deadLetter
  }

  /// The call was kept as a dead letter, be it in memory until the store works again.
  package var isDeadLettered: Bool { deadLetter == .stored || deadLetter == .memory }
}

/// The four ends of a call, never merged.
package enum Reply: Hashable, Sendable {
  /// The server's `result` object.
  case success(JSONText)
  /// A `result` object with `isError: true`: the tool ran and says it failed; the server is well.
  case toolError(JSONText)
  /// A JSON-RPC error: the server answered that it cannot do this.
  case protocolError(RPCError)
  /// No answer that counts: a network failure, a timeout, an HTTP status, or our own refusal.
  case failure(Failure)
}

/// A JSON-RPC error object.
package struct RPCError: Hashable, Sendable {
  package var code: Int
  package var message: String
  package var data: JSONText?
  /// The HTTP status it came under; nil on stdio.
  package var httpStatus: Int?
  /// What the server asked for with `Retry-After`.
  package var retryAfter: Duration?

  package init(
    code: Int, message: String, data: JSONText? = nil, httpStatus: Int? = nil,
    retryAfter: Duration? = nil
  ) {
    self.code = code
    self.message = message
    self.data = data
    self.httpStatus = httpStatus
    self.retryAfter = retryAfter
  }
}

/// One try on the wire.
package struct Attempt: Hashable, Sendable {
  package var startedAt: Timestamp
  package var duration: Duration
  /// `ok`, or what went wrong, in a few words.
  package var result: String
  /// The wait before this try; zero for the first.
  package var backoff: Duration

  package init(startedAt: Timestamp, duration: Duration, result: String, backoff: Duration) {
    self.startedAt = startedAt
    self.duration = duration
    self.result = result
    self.backoff = backoff
  }
}

/// How sure we are that the server did or did not run the call.
package enum Delivery: String, Hashable, Sendable, CaseIterable {
  /// No byte of the request left this machine.
  case notSent
  /// The server answered that it refused the request before running it.
  case refused
  /// Bytes went out and no answer came back: it may have run.
  case unknown
  /// The server ran it and answered.
  case executed
}

/// Why there is no answer that counts.
package struct Failure: Error, Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// The host's name has no address.
    case nameNotResolved
    case connectionRefused
    /// The connection broke, before or in the middle of the answer; `Failure.delivery` says which.
    case connectionReset
    /// The TLS handshake or the certificate failed.
    case tls
    /// One try took longer than the per-try timeout.
    case tryTimeout
    /// All tries together took longer than the total timeout or the caller's deadline.
    case totalTimeout
    /// An HTTP status without a JSON-RPC body.
    case httpStatus(Int)
    /// The answer was no MCP message: not JSON, cut short, or of a wrong shape.
    case malformedAnswer
    /// The answer was larger than the limit.
    case answerTooLarge
    /// The server ended our session (404); a new one must be opened.
    case sessionLost
    /// The child process could not be started.
    case spawnFailed
    /// The child process ended.
    case processExited
    /// The breaker was open.
    case breakerOpen
    /// No connection became free in time, or the wait queue was full.
    case poolExhausted
    /// No place in the bulkhead became free in time, or its queue was full.
    case bulkheadFull
    /// One of our own rates or quotas forbids it just now.
    case rateLimited
    /// The server is not connected and a new try to connect is not due yet.
    case notConnected
    /// The caller gave up.
    case cancelled
    case unknownServer
    /// The engine is shutting down.
    case shuttingDown
    /// No common protocol version, or the server broke the handshake.
    case incompatibleProtocol
    /// 401 or 403: credentials are missing or not enough.
    case unauthorized
    /// Another server answers where this one was: see `ServerIdentity`.
    case impostor
  }

  package var kind: Kind
  /// A sentence for a person, already free of secrets; may hold a server's text, so never print
  /// it raw.
  package var message: String
  package var delivery: Delivery
  /// What the server asked for with `Retry-After`.
  package var retryAfter: Duration?

  package init(
    _ kind: Kind, _ message: String, delivery: Delivery, retryAfter: Duration? = nil
  ) {
    self.kind = kind
    self.message = message
    self.delivery = delivery
    self.retryAfter = retryAfter
  }
}

extension Failure.Kind {
  /// A few words for tables, reasons and dead letters: `503`, `refused`, `timeout`.
  package var label: String {
    switch self {
    case .nameNotResolved: "no such host"
    case .connectionRefused: "refused"
    case .connectionReset: "reset"
    case .tls: "TLS"
    case .tryTimeout: "timeout"
    case .totalTimeout: "total timeout"
    case .httpStatus(let status): String(status)
    case .malformedAnswer: "malformed answer"
    case .answerTooLarge: "answer too large"
    case .sessionLost: "session lost"
    case .spawnFailed: "cannot start"
    case .processExited: "process exited"
    case .breakerOpen: "breaker open"
    case .poolExhausted: "pool exhausted"
    case .bulkheadFull: "bulkhead full"
    case .rateLimited: "rate limited"
    case .notConnected: "not connected"
    case .cancelled: "cancelled"
    case .unknownServer: "unknown server"
    case .shuttingDown: "shutting down"
    case .incompatibleProtocol: "incompatible protocol"
    case .unauthorized: "unauthorized"
    case .impostor: "impostor"
    }
  }
}

extension Reply {
  /// A few words for tables and attempts.
  package var label: String {
    switch self {
    case .success: "ok"
    case .toolError: "tool error"
    case .protocolError(let error): "error \(error.code)"
    case .failure(let failure): failure.kind.label
    }
  }
}
