/// A call that could not be delivered, kept until an operator decides.
package struct DeadLetter: Hashable, Sendable {
  package enum State: String, Hashable, Sendable, CaseIterable {
    /// Waits for an operator.
    case pending
    /// Somebody is sending it again just now; `lease` says who.
    case replaying
    /// Was sent again and delivered.
    case done
    /// An operator decided against it.
    case discarded

    /// Those that are still to be decided.
    package static let open: Set<State> = [.pending, .replaying]
  }

  /// Who sends it again, and until when nobody else may.
  package struct Lease: Hashable, Sendable {
    package var owner: String
    package var until: Timestamp

    package init(owner: String, until: Timestamp) { (self.owner, self.until) = (owner, until) }
  }

  /// Adding it twice is one letter.
  package var id: DeadLetterID
  package var server: ServerID
  package var client: String
  /// The MCP method: the operation.
  package var method: String
  package var target: String?
  /// Where it was to be sent, without credentials; empty where it is not known.
  package var endpoint: String
  /// The request's params as they would be sent; secrets are replaced by `redactedMark`.
  package var params: JSONText
  /// The params of the first sending, once an operator has edited them.
  package var original: JSONText?
  /// Where secrets were in the params, such as `arguments.password`; sorted.
  package var redacted: [String]
  /// It was sent with its caller's own token, which is not kept: a replay needs one.
  package var needsToken: Bool
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
  /// While `state` is `replaying`.
  package var lease: Lease?
  package var replayCount: Int
  /// Why the stored entry cannot be read. Such a letter can only be looked at and deleted.
  package var fault: String?

  /// In the place of a secret in `params`.
  package static let redactedMark = "[redacted]"
  /// The `errorKind` of a letter with a `fault`.
  package static let unreadableKind = "unreadable"
  /// Attempts a letter keeps, the newest.
  package static let attemptLimit = 100

  package init(
    id: DeadLetterID, server: ServerID, client: String, method: String, target: String?,
    endpoint: String = "", params: JSONText, original: JSONText? = nil, redacted: [String] = [],
    needsToken: Bool = false, errorKind: String, errorMessage: String, delivery: Delivery,
    isIdempotent: Bool, attempts: [Attempt], createdAt: Timestamp, lastAttemptAt: Timestamp,
    expiresAt: Timestamp, state: State = .pending, lease: Lease? = nil, replayCount: Int = 0,
    fault: String? = nil
  ) {
    self.id = id
    self.server = server
    self.client = client
    self.method = method
    self.target = target
    self.endpoint = endpoint
    self.params = params
    self.original = original
    self.redacted = redacted
    self.needsToken = needsToken
    self.errorKind = errorKind
    self.errorMessage = errorMessage
    self.delivery = delivery
    self.isIdempotent = isIdempotent
    self.attempts = attempts
    self.createdAt = createdAt
    self.lastAttemptAt = lastAttemptAt
    self.expiresAt = expiresAt
    self.state = state
    self.lease = lease
    self.replayCount = replayCount
    self.fault = fault
  }

  /// Sending it again could run it a second time.
  package var isUnsafeToReplay: Bool {
    (delivery == .unknown || delivery == .executed) && !isIdempotent
  }
}

/// Names a dead letter for good: the call's own id, or whatever another program named it that
/// shares the queue; 1 to 512 bytes.
package struct DeadLetterID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let text: String

  package init(_ text: String) { self.text = text }

  package init(_ call: CallID) { text = call.description }

  /// Nil for what can be no id: what is too long, and `list`, which is the name of the queue itself
  /// where other programs share it.
  package init?(checking text: String) {
    guard (1...512).contains(text.utf8.count), text != "list" else { return nil }
    self.text = text
  }

  package var description: String { text }

  /// By bytes, as every store compares: two spellings of `é` are two ids.
  package static func == (left: DeadLetterID, right: DeadLetterID) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// The id under which it is sent again, its idempotency key: the call's own, and for a letter of
  /// another program always the same one, made of its name.
  package var call: CallID {
    if let id = CallID(text) { return id }
    func digest(_ basis: UInt64) -> UInt64 {
      // FNV-1a.
      text.utf8.reduce(basis) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
    let (high, low) = (digest(0xcbf2_9ce4_8422_2325), digest(0x8422_2325_cbf2_9ce4))
    // Version 8 of RFC 9562: of our own making.
    return CallID(
      high: high & ~0xF000 | 0x8000, low: low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
  }

  package static func < (left: DeadLetterID, right: DeadLetterID) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}
