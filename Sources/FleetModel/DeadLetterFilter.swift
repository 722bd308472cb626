/// Which dead letters are meant; what is nil counts for all, and all that is given must hold.
package struct DeadLetterFilter: Hashable, Sendable {
  package var states: Set<DeadLetter.State>
  package var server: ServerID?
  package var client: String?
  /// The MCP method, such as `tools/call`.
  package var operation: String?
  /// The tool's name and the like.
  package var target: String?
  /// `DeadLetter.errorKind`, exactly.
  package var kind: String?
  package var deliveries: Set<Delivery>?
  /// Created at this time or later.
  package var since: Timestamp?
  /// Created before this time.
  package var before: Timestamp?
  /// Somewhere in the id, target, error message or params; ASCII letters of either case.
  package var text: String?

  package init(
    states: Set<DeadLetter.State> = DeadLetter.State.open, server: ServerID? = nil,
    client: String? = nil, operation: String? = nil, target: String? = nil, kind: String? = nil,
    deliveries: Set<Delivery>? = nil, since: Timestamp? = nil, before: Timestamp? = nil,
    text: String? = nil
  ) {
    self.states = states
    self.server = server
    self.client = client
    self.operation = operation
    self.target = target
    self.kind = kind
    self.deliveries = deliveries
    self.since = since
    self.before = before
    self.text = text
  }

  /// What every store must agree with; a letter's time is its `createdAt`.
  package func matches(_ letter: DeadLetter) -> Bool {
    states.contains(letter.state)
      && server.map { letter.server == $0 } ?? true
      && client.map { letter.client == $0 } ?? true
      && operation.map { letter.method == $0 } ?? true
      && target.map { letter.target == $0 } ?? true
      && kind.map { letter.errorKind == $0 } ?? true
      && deliveries.map { $0.contains(letter.delivery) } ?? true
      && since.map { letter.createdAt >= $0 } ?? true
      && before.map { letter.createdAt < $0 } ?? true
      && text.map { letter.mentions($0) } ?? true
  }
}

extension DeadLetter {
  fileprivate func mentions(_ text: String) -> Bool {
    let wanted = text.utf8.map(Self.lowercase)
    guard !wanted.isEmpty else { return true }
    let places = [Array(id.text.utf8), Array((target ?? "").utf8), Array(errorMessage.utf8)]
    return (places + [params.bytes]).contains { place in
      let bytes = place.map(Self.lowercase)
      return bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }
  }

  fileprivate static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}

/// Which dead letters a command means.
package enum DeadLetterSelection: Hashable, Sendable {
  /// In whatever state they are.
  case ids([DeadLetterID])
  case matching(DeadLetterFilter)

  /// Everything that is still to be decided.
  package static let all = matching(DeadLetterFilter())

  package static func server(_ server: ServerID) -> DeadLetterSelection {
    .matching(DeadLetterFilter(server: server))
  }

  package func contains(_ letter: DeadLetter) -> Bool {
    switch self {
    case .ids(let ids): ids.contains(letter.id)
    case .matching(let filter): filter.matches(letter)
    }
  }
}

/// A place in the order of the letters, newest first: after this letter.
package struct DeadLetterCursor: Hashable, Sendable {
  package var createdAt: Timestamp
  package var id: DeadLetterID

  package init(createdAt: Timestamp, id: DeadLetterID) {
    (self.createdAt, self.id) = (createdAt, id)
  }

  package init(after letter: DeadLetter) {
    self.init(createdAt: letter.createdAt, id: letter.id)
  }

  /// Reads `<milliseconds since 1970>.<id>`; nil for anything else.
  package init?(_ text: String) {
    guard let dot = text.firstIndex(of: "."), let time = Int64(text[..<dot]) else { return nil }
    let id = text[text.index(after: dot)...]
    guard !id.isEmpty else { return nil }
    self.init(
      createdAt: Timestamp(millisecondsSinceEpoch: time), id: DeadLetterID(String(id)))
  }

  package var text: String { "\(createdAt.millisecondsSinceEpoch).\(id)" }

  /// Whether the letter comes after this place: it is older, or as old with a smaller id.
  package func precedes(_ letter: DeadLetter) -> Bool {
    (letter.createdAt, letter.id) < (createdAt, id)
  }
}

/// Some letters, newest first, and where the next ones are.
package struct DeadLetterPage: Hashable, Sendable {
  package var letters: [DeadLetter]
  /// Nil at the end.
  package var next: DeadLetterCursor?

  package init(letters: [DeadLetter] = [], next: DeadLetterCursor? = nil) {
    (self.letters, self.next) = (letters, next)
  }
}

/// The queue in numbers; those of the dimensions are of open letters, sorted by count, then name.
package struct DeadLetterStatistics: Hashable, Sendable {
  package struct Count: Hashable, Sendable {
    package var name: String
    package var count: Int

    package init(name: String, count: Int) { (self.name, self.count) = (name, count) }
  }

  /// Open letters.
  package var total = 0
  /// One for each state there is, in the order of `DeadLetter.State.allCases`.
  package var byState: [Count] = []
  package var byOperation: [Count] = []
  package var byClient: [Count] = []
  package var byServer: [Count] = []
  package var byKind: [Count] = []
  package var byDelivery: [Count] = []
  /// Of the open letters.
  package var oldest: Timestamp?
  package var newest: Timestamp?
  /// What all letters take up in the store, as far as it knows.
  package var bytes = 0
  /// Nil before the store was asked anything.
  package var durability: DeadLetterDurability?

  package init() {}
}
