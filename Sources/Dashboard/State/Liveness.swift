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
  /// Connected, but its checks say one thing and real calls another.
  case disagreeing
  /// Not connected yet and nothing failed so far.
  case starting
  /// Not connected.
  case down
  /// Its child process keeps ending soon after its start.
  case crashing
  /// Another server answers in its place, and waits for the operator's word.
  case impostor

  package init(of server: ServerSnapshot) {
    if server.impostor != nil {
      self = .impostor
    } else if server.crashLoop != nil {
      self = .crashing
    } else if server.isConnected {
      switch server.health.status {
      case .unhealthy: self = .sick
      case .disagreeing: self = .disagreeing
      case .healthy, .unknown: self = server.successRate == nil ? .idle : .up
      }
    } else {
      let isUntried =
        server.health.lastError == nil && server.health.lastSuccess == nil
        && server.connectFailure == nil && server.health.consecutiveFailures == 0
        && server.health.status != .unhealthy
      self = isUntried ? .starting : .down
    }
  }

  /// Higher is worse.
  var gravity: Int {
    switch self {
    case .up: 0
    case .idle: 1
    case .starting: 2
    case .disagreeing: 3
    case .sick: 4
    case .down: 5
    case .crashing: 6
    case .impostor: 7
    }
  }

  var word: String {
    switch self {
    case .up: "up"
    case .idle: "idle"
    case .sick: "sick"
    case .disagreeing: "split"
    case .starting: "start"
    case .down: "down"
    case .crashing: "loop"
    case .impostor: "IMPOSTOR"
    }
  }

  var role: Role {
    switch self {
    case .up: .ok
    case .idle, .starting: .muted
    case .sick: .warn
    case .disagreeing: .healthDisagreement
    case .down, .crashing, .impostor: .bad
    }
  }

  /// Nothing reaches the server just now.
  var isGone: Bool { self == .down || self == .crashing || self == .impostor }

  func sign(_ glyphs: Glyphs) -> Unicode.Scalar {
    switch self {
    case .up: glyphs.up
    case .idle: glyphs.idle
    case .sick: glyphs.sick
    case .starting: glyphs.waiting
    case .down: glyphs.down
    case .disagreeing: glyphs.disagreement
    case .crashing: glyphs.crashLoop
    case .impostor: glyphs.impostor
    }
  }
}
