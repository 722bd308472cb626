package import FleetModel
import TerminalUI

/// Whether a server is there at all, so that a dead one never looks like an idle one.
package enum Liveness: Hashable, Sendable, CaseIterable {
  /// Connected and answering.
  case up
  /// Connected, and nobody called it in the last minute.
  case idle
  /// Connected, but its health checks fail.
  case sick
  /// Not connected yet and nothing failed so far.
  case starting
  /// Not connected.
  case down

  package init(of server: ServerSnapshot) {
    if server.isConnected {
      self =
        server.health.status == .unhealthy ? .sick : server.successRate == nil ? .idle : .up
    } else {
      let isUntried =
        server.health.lastError == nil && server.health.lastSuccess == nil
        && server.health.consecutiveFailures == 0 && server.health.status != .unhealthy
      self = isUntried ? .starting : .down
    }
  }

  /// Higher is worse.
  var gravity: Int {
    switch self {
    case .up: 0
    case .idle: 1
    case .starting: 2
    case .sick: 3
    case .down: 4
    }
  }

  var word: String {
    switch self {
    case .up: "up"
    case .idle: "idle"
    case .sick: "sick"
    case .starting: "start"
    case .down: "down"
    }
  }

  var role: Role {
    switch self {
    case .up: .ok
    case .idle, .starting: .muted
    case .sick: .warn
    case .down: .bad
    }
  }

  func sign(_ glyphs: Glyphs) -> Unicode.Scalar {
    switch self {
    case .up: glyphs.up
    case .idle: glyphs.idle
    case .sick: glyphs.sick
    case .starting: glyphs.waiting
    case .down: glyphs.down
    }
  }
}
