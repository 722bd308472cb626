import FleetModel

// What the machine holds: no more than what is under way needs.
extension Ledger {
  /// How much the machine holds of each kind.
  typealias Footprint = (calls: Int, attempts: Int, timers: Int, places: Int)

  /// Between two events.
  mutating func judge(_ footprint: Footprint, at now: Instant) {
    let unfinished = servers.reduce(0) { $0 + $1.unfinished }
    judgeRemoved(at: now)
    if footprint.places > placePeak {
      violate("\(footprint.places) places are held, not \(placePeak)", at: now)
    }
    let probes = servers.reduce(0) { $0 + $1.definition.probes.count }
    // Each may have another that stands in for it, and a leader that goes on for it alone.
    let callLimit = 3 * unfinished + probes
    if footprint.calls > callLimit {
      violate("\(footprint.calls) calls are held, \(unfinished) are under way", at: now)
    }
    if footprint.attempts != liveAttempts {
      violate("\(footprint.attempts) attempts are held, \(liveAttempts) are out", at: now)
    }
    let places = shown.count + servers.count { $0.isGone && $0.unfinished > 0 }
    let timerLimit =
      Self.timersPerCall * footprint.calls + Self.timersPerServer * places + probes
      + connections.count + Self.timersOfFleet
    if footprint.timers > timerLimit {
      violate("\(footprint.timers) timers run, not \(timerLimit)", at: now)
    }
  }

  /// After the stop.
  mutating func judgeEmpty(_ footprint: Footprint, at now: Instant) {
    if (footprint.calls, footprint.attempts, footprint.timers) != (0, 0, 0) {
      violate(
        "\(footprint.calls) calls, \(footprint.attempts) attempts and \(footprint.timers) timers"
          + " are left", at: now)
    }
  }

  /// Its deadline, its try's end or its wait, and its second sending.
  private static let timersPerCall = 3
  /// Pool, bulkhead, override, watch and check with their timeouts, search, sweep.
  private static let timersPerServer = 9
  /// The tick and the drain.
  private static let timersOfFleet = 2
}
