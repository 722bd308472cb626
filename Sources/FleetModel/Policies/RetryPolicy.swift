/// When and how often a failed try is made again.
package struct RetryPolicy: Hashable, Sendable {
  /// What to do when bytes went out and no answer came back.
  package enum DeliveryRule: String, Hashable, Sendable, CaseIterable {
    /// Again only for reads and for tools that declare `readOnlyHint` or `idempotentHint`.
    case whenSafe
    /// Again whatever the tool.
    case atLeastOnce
    /// Never again.
    case atMostOnce
  }

  /// For failures that no rule gives a schedule of its own.
  package var schedule = RetrySchedule.standard
  /// The first that fits a failure decides; none fits, the built-in rules do.
  package var rules: [RetryRule] = []
  package var tryTimeout = Duration.seconds(30)
  package var totalTimeout = Duration.seconds(300)
  /// A try whose server reports progress gets `tryTimeout` anew with each report, up to this from
  /// its beginning; no more than `tryTimeout` means that reports extend nothing.
  package var progressTimeout = Duration.seconds(300)
  /// A longer `Retry-After` ends the call instead of being clamped.
  package var retryAfterLimit = Duration.seconds(60)
  package var delivery = DeliveryRule.whenSafe
  /// Tools with a delivery rule of their own; the first that fits counts.
  package var toolDelivery: [ToolDelivery] = []
  /// Concurrent retries of a server ≤ max(`budgetMinimum`, `budgetRatio` × calls in flight).
  package var budgetRatio = 0.2
  package var budgetMinimum = 3

  package init() {}

  /// The delivery rule for a call of a tool (or of another target).
  package func delivery(of target: String?) -> DeliveryRule {
    guard let target else { return delivery }
    return toolDelivery.first { $0.tool.matches(target) }?.rule ?? delivery
  }
}

/// How many tries follow a failure, and after what delays.
package struct RetrySchedule: Hashable, Sendable {
  /// How chance spreads a delay whose base is b, cap c and share j; never above the cap.
  package enum Jitter: String, Hashable, Sendable, CaseIterable {
    /// b itself.
    case none
    /// Uniform on [b(1−j), min(b(1+j), c)].
    case proportional
    /// Uniform on [0, b].
    case full
    /// Uniform on [b/2, b].
    case equal
    /// Uniform on [initial, min(c, 3 × the last delay)].
    case decorrelated
  }

  /// Tries after the first; 0…500.
  package var retryLimit = 3
  package var initialDelay = Duration.milliseconds(100)
  /// ≥ 1.
  package var factor = 2.0
  /// No delay without a server's hint exceeds it; ≥ `initialDelay`.
  package var delayCap = Duration.seconds(30)
  package var jitter = Jitter.proportional
  /// The share j of proportional jitter, and of a server's hint that is added to it; 0…1.
  package var jitterShare = 0.1

  package init() {}

  /// The Go seed: 100 ms, ×2, cap 30 s, ±10 %, 3 retries.
  package static let standard = RetrySchedule()

  /// The Python seed: 1 s, ×2, cap 60 s, ±10 %, 3 retries.
  package static let patient: RetrySchedule = {
    var schedule = RetrySchedule()
    schedule.initialDelay = .seconds(1)
    schedule.delayCap = .seconds(60)
    return schedule
  }()

  /// The ToolHive seed: 100 attempts (1–500), 1 s → 60 s, without jitter.
  package static let toolhive: RetrySchedule = {
    var schedule = RetrySchedule.patient
    schedule.retryLimit = 99
    schedule.jitter = .none
    return schedule
  }()

  /// One attempt.
  package static let none: RetrySchedule = {
    var schedule = RetrySchedule()
    schedule.retryLimit = 0
    return schedule
  }()

  /// By their names in the configuration, each with the time that all its tries together take.
  package static let profiles: [(name: String, schedule: RetrySchedule, totalTimeout: Duration)] = [
    ("standard", .standard, .seconds(300)), ("patient", .patient, .seconds(300)),
    ("toolhive", .toolhive, .seconds(3 * 3600)), ("none", .none, .seconds(300)),
  ]
}

/// An operator's own decision about some failures.
package struct RetryRule: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    /// Try again by this schedule, where the delivery rule allows it, even if the built-in rules
    /// would not.
    case retry(RetrySchedule)
    /// The failure is the call's outcome; it is kept as a dead letter by the built-in rules.
    case giveUp
    /// No further try, and always a dead letter.
    case deadLetter
    /// No further try; what the server's fallbacks give, is the answer.
    case fallBack
  }

  /// Any of them; empty fits every failure.
  package var causes: [FailureCause]
  package var target: NamePattern
  package var action: Action

  package init(causes: [FailureCause], target: NamePattern = .any, action: Action) {
    self.causes = causes
    self.target = target
    self.action = action
  }
}

/// What a rule recognizes a failure by.
package enum FailureCause: Hashable, Sendable {
  case kind(Failure.Kind)
  /// HTTP statuses, with a JSON-RPC error or without.
  case status(ClosedRange<Int>)
  /// JSON-RPC error codes.
  case code(ClosedRange<Int>)

  /// The kinds of failure by their names in the configuration; those that our own refusals and the
  /// caller make are not there, because no rule can change them.
  package static let kinds: [(name: String, kind: Failure.Kind)] = [
    ("dns", .nameNotResolved), ("refused", .connectionRefused), ("reset", .connectionReset),
    ("tls", .tls), ("timeout", .tryTimeout), ("malformed", .malformedAnswer),
    ("tooLarge", .answerTooLarge), ("sessionLost", .sessionLost), ("spawn", .spawnFailed),
    ("exited", .processExited), ("notConnected", .notConnected), ("poolExhausted", .poolExhausted),
    ("breakerOpen", .breakerOpen), ("unauthorized", .unauthorized),
    ("incompatible", .incompatibleProtocol),
  ]

  package func matches(_ reply: Reply) -> Bool {
    switch (self, reply) {
    case (.kind(let kind), .failure(let failure)): kind == failure.kind
    case (.status(let range), .protocolError(let error)):
      error.httpStatus.map(range.contains) ?? false
    case (.status(let range), .failure(let failure)):
      if case .httpStatus(let status) = failure.kind { range.contains(status) } else { false }
    case (.code(let range), .protocolError(let error)): range.contains(error.code)
    case (.kind, .success), (.kind, .toolError), (.kind, .protocolError), (.status, .success),
      (.status, .toolError), (.code, .success), (.code, .toolError), (.code, .failure):
      false
    }
  }
}

/// A tool with a delivery rule of its own.
package struct ToolDelivery: Hashable, Sendable {
  package var tool: NamePattern
  package var rule: RetryPolicy.DeliveryRule

  package init(tool: NamePattern, rule: RetryPolicy.DeliveryRule) {
    self.tool = tool
    self.rule = rule
  }
}
