import FleetModel

/// The queue behind the sample fleet: its newest letters, older ones, and one of each kind that is
/// not like the others.
enum SampleLetters {
  static let now = SampleFleet.now
  static let server = ServerID("mcp-github")

  /// 214 open ones, and some that are decided.
  static let all: [DeadLetter] =
    SampleFleet.standard.deadLetters.recent
    + (0..<164).map { letter("older-\($0)", age: 3000 + 120 * $0) } + decided

  static let decided: [DeadLetter] = [
    letter("was-delivered", age: 2000) { $0.state = .done },
    letter("was-discarded", age: 2100) { $0.state = .discarded },
  ]

  /// One of each kind, newest first.
  static let odd: [DeadLetter] =
    [
      letter("replaying", age: 10) {
        $0.state = .replaying
        $0.lease = DeadLetter.Lease(owner: "bob@host-2", until: now + .seconds(42))
      },
      letter("unreadable", age: 20) {
        $0.fault = "the value is no JSON: byte 12 is 0x1B"
        $0.errorKind = "unreadable"
        $0.attempts = []
      },
      letter("secret", age: 30) {
        $0.redacted = ["arguments.password", "arguments.auth.token"]
        $0.needsToken = true
        $0.params = JSONText(
          unchecked: Array(
            #"{"name":"login","arguments":{"user":"anna","password":"[redacted]"}}"#.utf8))
      },
      letter("edited", age: 40) {
        $0.original = $0.params
        $0.params = JSONText(
          unchecked: Array(#"{"name":"query","arguments":{"sql":"select 2","limit":[1,2,3]}}"#.utf8)
        )
      },
      letter("gone-server", age: 50) { $0.delivery = .notSent },
      letter("expiring", age: 60) { $0.expiresAt = now + .seconds(5) },
    ] + decided

  /// The sample fleet with one replay that runs, one that waits, and one that ended.
  static func fleet(isIll: Bool) -> Snapshot {
    var fleet = SampleFleet.standard
    fleet.deadLetters.store = "redis://127.0.0.1:6379/0"
    fleet.deadLetters.replays = [
      ReplaySnapshot(
        number: 1, owner: "anna", startedAt: now + .seconds(-300), endedAt: now + .seconds(-75),
        total: 60, count: ReplayCount(delivered: 41, failed: 3, unsafe: 6, taken: 1, left: 9)),
      ReplaySnapshot(
        number: 2, owner: "bob@host-2", startedAt: now + .seconds(-60), total: 24_310,
        count: ReplayCount(delivered: 110, failed: 6, unsafe: 4), waitsFor: server),
      ReplaySnapshot(
        number: 3, owner: "anna", startedAt: now + .seconds(-12), total: 400,
        count: ReplayCount(delivered: 118, failed: 2)),
    ]
    guard isIll else { return fleet }
    fleet.deadLetters.trouble = "redis://127.0.0.1:6379/0 does not answer"
    fleet.deadLetters.spilled = 12
    fleet.deadLetters.dropped = 31
    return fleet
  }

  /// So many that no page holds them.
  static let many: [DeadLetter] = (0..<24_310).map { letter("many-\($0)", age: 5 + $0) }

  static func letter(
    _ id: String, age: Int, _ change: (inout DeadLetter) -> Void = { _ in }
  ) -> DeadLetter {
    let created = now + .seconds(-age)
    let kinds = [("503", Delivery.refused), ("timeout", .unknown), ("tool error", .executed)]
    let (kind, delivery) = kinds[abs(age) % 3]
    var letter = DeadLetter(
      id: DeadLetterID(id), server: id == "gone-server" ? ServerID("was-here") : server,
      client: "agent-\(abs(age) % 2)", method: "tools/call",
      target: age % 2 == 0 ? "query" : "search",
      endpoint: "https://mcp.example.org/mcp",
      params: JSONText(
        unchecked: Array(#"{"name":"query","arguments":{"sql":"select \#(age)"}}"#.utf8)),
      errorKind: kind, errorMessage: "gave up after 2 tries", delivery: delivery,
      isIdempotent: false,
      attempts: (0..<2).map {
        Attempt(
          startedAt: created + .seconds($0), duration: .milliseconds(40), result: kind,
          backoff: .milliseconds($0 * 100))
      }, createdAt: created, lastAttemptAt: created + .seconds(2),
      expiresAt: now + .seconds(86_400))
    change(&letter)
    return letter
  }
}
