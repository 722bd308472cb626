import FleetModel

/// An override of a breaker while its reason and its time to live are chosen.
package struct OverrideRequest: Hashable, Sendable {
  let server: ServerID
  let kind: BreakerOverride.Kind
  var reason = ""
  private(set) var lifetimeIndex = 1

  /// The times to live offered; zero is until somebody resets it.
  static let lifetimes: [(label: String, duration: Duration)] = [
    ("5 min", .seconds(300)), ("15 min", BreakerOverride.standardTimeToLive),
    ("1 h", .seconds(3600)), ("4 h", .seconds(14_400)), ("until reset", .zero),
  ]

  init(server: ServerID, kind: BreakerOverride.Kind) {
    self.server = server
    self.kind = kind
  }

  /// The next time to live, or the one before; round at the ends.
  mutating func changeLifetime(by step: Int) {
    let count = Self.lifetimes.count
    lifetimeIndex = (lifetimeIndex + step + count) % count
  }

  mutating func chooseLifetime(_ index: Int) {
    if Self.lifetimes.indices.contains(index) { lifetimeIndex = index }
  }

  func command(owner: String) -> Command {
    .override(
      server,
      BreakerOverride(
        kind, reason: reason, owner: owner,
        timeToLive: Self.lifetimes[lifetimeIndex].duration))
  }

  var question: String {
    switch kind {
    case .open: "Force the breaker of \(server) open?"
    case .closed: "Hold the breaker of \(server) closed?"
    case .disabled: "Disable the breaker of \(server)?"
    }
  }

  /// What will happen, by what is known now.
  func facts(_ snapshot: Snapshot?, now: Timestamp) -> [String] {
    guard let snapshot else { return ["nothing is known of the fleet yet"] }
    let effect =
      switch kind {
      case .open: "calls to it fail at once"
      case .closed: "calls flow at once; the rules count and do not open it"
      case .disabled: "calls flow at once, and nothing is counted"
      }
    return snapshot.standing(of: server, now: now)
      + [effect + ", until the time is over or r resets it"]
  }
}
