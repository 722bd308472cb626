/// A call that could not be delivered, kept until an operator decides.
package struct DeadLetter: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable {
    /// Waits for an operator.
    case pending
    /// Somebody is sending it again just now.
    case replaying
  }

  /// The call's own id: adding it twice is one row.
  package var id: CallID
  package var server: ServerID
  package var client: String
  /// The MCP method.
  package var method: String
  package var target: String?
  /// The request's params; secrets configured for the server never were in them.
  package var params: JSONText
  /// What went wrong last: the failure's label and its message.
  package var errorKind: String
  package var errorMessage: String
  package var delivery: Delivery
  /// The tool declares that running it twice does no further harm.
  package var isIdempotent: Bool
  package var attempts: [Attempt]
  package var createdAt: Timestamp
  package var lastAttemptAt: Timestamp
  package var expiresAt: Timestamp
  package var state: State
  package var replayCount: Int

  package init(
    id: CallID, server: ServerID, client: String, method: String, target: String?,
    params: JSONText, errorKind: String, errorMessage: String, delivery: Delivery,
    isIdempotent: Bool, attempts: [Attempt], createdAt: Timestamp, lastAttemptAt: Timestamp,
    expiresAt: Timestamp, state: State = .pending, replayCount: Int = 0
  ) {
    self.id = id
    self.server = server
    self.client = client
    self.method = method
    self.target = target
    self.params = params
    self.errorKind = errorKind
    self.errorMessage = errorMessage
    self.delivery = delivery
    self.isIdempotent = isIdempotent
    self.attempts = attempts
    self.createdAt = createdAt
    self.lastAttemptAt = lastAttemptAt
    self.expiresAt = expiresAt
    self.state = state
    self.replayCount = replayCount
  }

  /// Sending it again could run it a second time.
  package var isUnsafeToReplay: Bool {
    (delivery == .unknown || delivery == .executed) && !isIdempotent
  }
}
