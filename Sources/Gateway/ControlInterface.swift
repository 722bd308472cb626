package import FleetModel
import Telemetry

/// The control interface of a running engine: requests in, answers out; somebody else serves the
/// Unix socket.
package struct ControlInterface: Sendable {
  private let fleet: any Fleet
  private let makeCallID: @Sendable () async -> CallID
  private let now: @Sendable () -> Instant
  private let wallClock: @Sendable () -> Timestamp

  /// - Parameters:
  ///   - makeCallID: a new id for a call that came in here.
  ///   - now: the engine's monotonic clock, for the deadlines of calls.
  ///   - wallClock: civil time, for ages and countdowns in texts.
  package init(
    fleet: any Fleet, makeCallID: @escaping @Sendable () async -> CallID,
    now: @escaping @Sendable () -> Instant, wallClock: @escaping @Sendable () -> Timestamp
  ) {
    self.fleet = fleet
    self.makeCallID = makeCallID
    self.now = now
    self.wallClock = wallClock
  }

  /// Never throws: every mistake is an answer that says what to do about it.
  package func answer(_ request: ControlRequest) async -> ControlResponse {
    .json(SnapshotJSON.render(fleet.latest()))
  }
}
