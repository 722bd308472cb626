import FleetModel

/// One connection as its pool sees it. Nothing in it is counted by reference, so that a pool can
/// look through many in a few nanoseconds.
struct PoolConnection: Sendable {
  enum Phase: Sendable {
    /// Being opened. Becomes `open`, or is removed.
    case connecting
    /// Carries calls, or is free for them. Becomes `validating` when it was unused for long,
    /// `retired` by a reset, or is removed.
    case open
    /// Free, but asked whether it still works. Becomes `open`, or is removed.
    case validating
    /// Of an older generation: carries on what it carries and is then removed.
    case retired
  }

  let id: ConnectionID
  var phase = Phase.connecting
  /// Calls it carries just now.
  var streams = 0
  var openedAt = Instant.origin
  /// From here on it takes no more calls.
  var expiresAt = Instant.origin
  /// When it last became free or was opened; means something while `streams` is 0.
  var idleSince = Instant.origin
  /// When it was last known to work: opened, given back or asked.
  var provenAt = Instant.origin
  /// It has been up for the sustained uptime, and that was noticed.
  var hasLasted = false
  /// Higher is later: the most recently used connection is the warmest.
  var lastUse: UInt64 = 0

  init(id: ConnectionID) { self.id = id }

  /// Open, of this generation, and without a call.
  var isIdle: Bool {
    switch phase {
    case .open, .validating: streams == 0
    case .connecting, .retired: false
    }
  }

  /// Of this generation and open, asked or not.
  var isUsable: Bool {
    switch phase {
    case .open, .validating: true
    case .connecting, .retired: false
    }
  }
}
