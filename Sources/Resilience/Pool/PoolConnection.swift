import FleetModel

/// One connection as its pool sees it.
struct PoolConnection: Sendable {
  enum State: Hashable, Sendable {
    /// Being opened. `death` is set when it died before the news that it was open.
    case connecting(death: Failure?)
    case open(Lease)
  }

  /// What an open connection is doing.
  struct Lease: Hashable, Sendable {
    /// Calls it carries just now.
    var streams = 0
    var openedAt: Instant
    /// From here on it takes no more calls.
    var expiresAt: Instant
    /// When it last became free or was opened; means something while `streams` is 0.
    var idleSince: Instant
    /// Higher is later: the most recently used connection is the warmest.
    var lastUse: UInt64
  }

  let id: ConnectionID
  var state: State

  var lease: Lease? {
    if case .open(let lease) = state { lease } else { nil }
  }

  var isConnecting: Bool { lease == nil }
}
