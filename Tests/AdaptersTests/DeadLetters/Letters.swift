import Engine
import FleetModel

/// Letters for the stores' tests.
enum Letters {
  static let text = JSONText(unchecked: Array(#"{"name":"créer","n":1.50}"#.utf8))

  /// Fields of few values, so that many letters are alike in some of them.
  static func random(_ number: UInt64, using random: inout SplitMix64) -> DeadLetter {
    var letter = letter(number)
    // Several letters of one millisecond, and ids that are not in the order of the times.
    let time = Timestamp(millisecondsSinceEpoch: 1_000_000 + Int64(random.next() % 60))
    letter.id = DeadLetterID(
      random.next() % 3 == 0
        ? "Foreign \(random.next() % 1000) %_*\(number)"
        : CallID(high: random.next(), low: number).description)
    letter.createdAt = time
    letter.lastAttemptAt = time + .milliseconds(random.next() % 1000)
    letter.server = ServerID(oneOf(["github", "jira", "GitHub", "ä'\"--", ""], &random))
    letter.client = oneOf(["agent", "mcpdash", "agent2", "'; DROP TABLE dead_letters"], &random)
    letter.method = oneOf(["tools/call", "tools/list", "resources/read", "%"], &random)
    letter.target = oneOf([nil, "create_issue", "Search", "sEarch_all"], &random)
    letter.errorKind = oneOf(["503", "timeout", "refused", "tool error"], &random)
    letter.errorMessage = oneOf(["", "Service UNAVAILABLE\0", "100 % of_all", "zu spät"], &random)
    letter.delivery = oneOf(Delivery.allCases, &random)
    letter.isIdempotent = random.next() % 2 == 0
    letter.params = JSONText(
      unchecked: Array(#"{"name":"Search","n":\#(random.next() % 50)}"#.utf8))
    letter.replayCount = Int(random.next() % 4)
    letter.state = oneOf([.pending, .pending, .done, .discarded], &random)
    return letter
  }

  /// Each field is asked for in about a third of the filters.
  static func randomFilter(using random: inout SplitMix64) -> DeadLetterFilter {
    var filter = DeadLetterFilter()
    func rarely() -> Bool { random.next() % 3 == 0 }
    if rarely() {
      filter.states = Set(DeadLetter.State.allCases.filter { _ in random.next() % 2 == 0 })
    }
    if rarely() { filter.server = ServerID(oneOf(["github", "jira", "ä'\"--", "", "x"], &random)) }
    if rarely() { filter.client = oneOf(["agent", "'; DROP TABLE dead_letters", "x"], &random) }
    if rarely() { filter.operation = oneOf(["tools/call", "tools/list", "%", "x"], &random) }
    if rarely() { filter.target = oneOf(["create_issue", "Search", "x", ""], &random) }
    if rarely() { filter.kind = oneOf(["503", "timeout", "tool error", "x"], &random) }
    if rarely() {
      filter.deliveries = Set(Delivery.allCases.filter { _ in random.next() % 2 == 0 })
    }
    if rarely() {
      filter.since = Timestamp(millisecondsSinceEpoch: 1_000_000 + Int64(random.next() % 40))
    }
    if rarely() {
      filter.before = Timestamp(millisecondsSinceEpoch: 1_000_000 + Int64(random.next() % 80))
    }
    if rarely() {
      filter.text = oneOf(
        ["", "search", "SPÄT", "spät", "unavailable", "%", "_", "*", "\"n\":1", "foreign 1"],
        &random)
    }
    return filter
  }

  static func oneOf<Value>(_ values: [Value], _ random: inout SplitMix64) -> Value {
    values[Int(random.next() % UInt64(values.count))]
  }
}

/// A letter whose id is `number`, created `number` milliseconds after the bench's start.
func letter(
  _ number: UInt64, server: String = "github", delivery: Delivery = .notSent,
  isIdempotent: Bool = false, timeToLive: Duration = .seconds(3600)
) -> DeadLetter {
  let createdAt = Timestamp(millisecondsSinceEpoch: 1_000_000 + Int64(number))
  return DeadLetter(
    id: DeadLetterID(CallID(high: 7, low: number)), server: ServerID(server), client: "agent",
    method: "tools/call", target: "create_issue", params: Letters.text,
    errorKind: "503", errorMessage: "Service \u{1B}[31mUnavailable\0", delivery: delivery,
    isIdempotent: isIdempotent,
    attempts: [
      Attempt(
        startedAt: createdAt, duration: .milliseconds(12), result: "503", backoff: .zero),
      Attempt(
        startedAt: createdAt + .milliseconds(112), duration: .nanoseconds(7), result: "\"q\"",
        backoff: .milliseconds(100)),
    ],
    createdAt: createdAt, lastAttemptAt: createdAt + .milliseconds(112),
    expiresAt: createdAt + timeToLive)
}

extension DeadLetter {
  /// Of the function `letter`; nil for an id of another kind.
  var number: UInt64? { CallID(id.text)?.low }

  /// The same letter with something changed.
  func with(_ change: (inout DeadLetter) -> Void) -> DeadLetter {
    var letter = self
    change(&letter)
    return letter
  }
}

extension DeadLetterFilter {
  /// Letters of every state.
  static var everything: DeadLetterFilter {
    DeadLetterFilter(states: Set(DeadLetter.State.allCases))
  }
}

extension DeadLetterSelection {
  static var everything: DeadLetterSelection { .matching(.everything) }
}

extension DeadLetterStore {
  /// One after the other.
  ///
  /// - Returns: how many were dropped for them.
  @discardableResult
  func add(_ letters: [DeadLetter]) async throws -> Int {
    var dropped = 0
    for letter in letters { dropped += try await add(letter).dropped }
    return dropped
  }

  func list(
    _ selection: DeadLetterSelection = .everything, limit: Int = 1000
  ) async throws -> [DeadLetter] {
    try await page(selection, after: nil, limit: limit).letters
  }

  func numbers(
    _ selection: DeadLetterSelection = .everything, limit: Int = 1000
  ) async throws -> [UInt64?] {
    try await list(selection, limit: limit).map(\.number)
  }

  /// Claims open letters of the default filter, whatever they are, or those given.
  func claim(
    _ numbers: [UInt64]? = nil, by owner: String = "me", isForced: Bool = true, until: Timestamp
  ) async throws -> DeadLetterClaim {
    let ids: [DeadLetterID] =
      if let numbers { numbers.map { letter($0).id } } else { try await list(.all).map(\.id) }
    return try await claim(ids, by: owner, isForced: isForced, until: until)
  }
}
