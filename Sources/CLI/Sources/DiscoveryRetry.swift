import FleetModel

/// The tries of one operation on ToolHive or Kubernetes: what is said, when it is tried again, and
/// when it is given up; pure.
///
/// ```
/// failed ─► log ─┬─ attempts left ─► rediscover ─┬─ found ──► at once, backoff begins anew
///                │                               └─ nothing ─► after backoff, which doubles
///                └─ none left ────► give up
/// ```
///
/// An immediate retry that fails too waits its backoff before the next, so that a ToolHive which
/// answers the search and nothing else is not asked without end.
struct DiscoveryRetry: Sendable {
  struct Limits: Hashable, Sendable {
    /// 1…500.
    var attempts = 100
    var initialBackoff = Duration.seconds(1)
    var maxBackoff = Duration.seconds(60)
  }

  enum Event: Hashable, Sendable {
    /// - Parameter port: where it was tried; nil when nothing is known to search anew.
    case failed(error: String, port: Int?)
    /// What the search found; nil is nothing.
    case searched(port: Int?)
  }

  enum Effect: Hashable, Sendable {
    case log(DiscoveryLogLine)
    /// Search, and tell what was found.
    case search
    /// Try again then.
    case retry(at: Instant)
    case giveUp(lastError: String)
  }

  /// Who is spoken to, as the log's sentences begin.
  let subject: String
  let limits: Limits
  /// Failures so far.
  private(set) var attempt = 0
  /// Before the next try.
  private(set) var backoff: Duration
  private var lastPort: Int?
  /// The last try came at once after a search.
  private var wasImmediate = false

  init(of subject: String = "ToolHive", limits: Limits) {
    self.subject = subject
    self.limits = limits
    backoff = min(limits.initialBackoff, limits.maxBackoff)
  }

  mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .failed(let error, let port): failed(error, port, at: now)
    case .searched(let port): searched(port, at: now)
    }
  }

  private mutating func failed(_ error: String, _ port: Int?, at now: Instant) -> [Effect] {
    attempt += 1
    let isLast = attempt >= limits.attempts
    let failure = DiscoveryLogLine(
      .warning, "\(subject) connection failed",
      [
        .init("attempt", .count(attempt)), .init("max_retries", .count(limits.attempts)),
        .init("error", .text(error)), .init("backoff_seconds", .duration(isLast ? .zero : backoff)),
      ])
    guard !isLast else {
      let end = DiscoveryLogLine(
        .error, "All retry attempts exhausted. \(subject) is unavailable.",
        [.init("total_attempts", .count(attempt))])
      return [.log(failure), .log(end), .giveUp(lastError: error)]
    }
    lastPort = port
    guard let port else { return [.log(failure), wait(at: now)] }
    let search = DiscoveryLogLine(
      .warning, "Attempting to rediscover \(subject) port",
      [.init("previous_port", .count(port))])
    return [.log(failure), .log(search), .search]
  }

  private mutating func searched(_ found: Int?, at now: Instant) -> [Effect] {
    guard let found else { return [wait(at: now)] }
    var effects: [Effect] = []
    let isNew = found != lastPort
    if isNew, let lastPort {
      effects.append(
        .log(
          DiscoveryLogLine(
            .info, "Successfully rediscovered \(subject) on new port",
            [.init("old_port", .count(lastPort)), .init("new_port", .count(found))])))
    }
    guard !wasImmediate else { return effects + [wait(at: now)] }
    backoff = min(limits.initialBackoff, limits.maxBackoff)
    wasImmediate = true
    effects.append(
      .log(
        DiscoveryLogLine(
          .info, "Port rediscovery successful, retrying immediately",
          [.init("new_port", .count(found))])))
    return effects + [.retry(at: now)]
  }

  private mutating func wait(at now: Instant) -> Effect {
    wasImmediate = false
    defer { backoff = min(backoff * 2, limits.maxBackoff) }
    return .retry(at: now + backoff)
  }

  /// The last words of a program that cannot go on without.
  func farewell(lastError: String) -> DiscoveryLogLine {
    DiscoveryLogLine(
      .critical, "\(subject) connection failure - exiting",
      [
        .init("max_retries", .count(limits.attempts)), .init("last_error", .text(lastError)),
      ])
  }
}
