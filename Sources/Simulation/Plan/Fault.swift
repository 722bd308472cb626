package import FleetModel

/// What is wrong with a server for a while.
package struct Fault: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Connections and requests are refused.
    case outage
    /// Answers take so long at least.
    case slow(Duration)
    /// Fine and refusing by turns of this length, refusing first.
    case flapping(Duration)
    /// HTTP 503, unread; or HTTP 500 after the request ran.
    case failing(afterRunning: Bool)
    /// HTTP 429 with this `Retry-After`.
    case throttling(Duration)
    /// After a silence of this length the next requests hang, all others get 503: just when probes
    /// come.
    case trap(Duration)
    /// The request runs and the connection breaks, or nothing ever comes back.
    case lostReplies(isSilent: Bool)
    /// Nothing answers: neither connects, nor calls, nor checks.
    case silent
    /// Connections open, and close again after this time.
    case crashing(Duration)
    /// Children cannot be started, hosts have no address.
    case unreachable
    /// Idle connections do not answer when they are asked, or say that they are broken.
    case rotting
    /// Calls are answered, but with errors of all kinds.
    case odd
  }

  package var server: Int
  /// Only this one of its endpoints; nil is all.
  package var endpoint: Int?
  package var from: Instant
  package var until: Instant
  package var kind: Kind

  package init(server: Int, endpoint: Int? = nil, from: Instant, until: Instant, kind: Kind) {
    self.server = server
    self.endpoint = endpoint
    self.from = from
    self.until = until
    self.kind = kind
  }

  func isFelt(at now: Instant, by server: Int, endpoint: Int) -> Bool {
    self.server == server && from <= now && now < until
      && (self.endpoint == nil || self.endpoint == endpoint)
  }

  /// Nobody can connect; existing connections break when this begins.
  func isAway(at now: Instant) -> Bool {
    switch kind {
    case .outage: true
    case .flapping(let turn):
      (now - from).nanoseconds / max(1, turn.nanoseconds) % 2 == 0
    case .slow, .failing, .throttling, .trap, .lostReplies, .silent, .crashing, .unreachable,
      .rotting, .odd:
      false
    }
  }
}

/// Something that happens at one moment.
package struct Happening: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Every connection to an endpoint of the server breaks; nil is all.
    case cut(Int, endpoint: Int?)
    /// The server forgets all its sessions at once.
    case sessionLoss(Int)
    /// The tool `maybe` is declared idempotent from now on, or not any more.
    case toolChange(Int, isIdempotent: Bool)
    /// The wall clock is off by so much from now on.
    case clockJump(Duration)
    /// One in so many callers gives up.
    case cancelStorm(oneIn: Int)
    /// So many calls of one server at the same instant.
    case burst(Int, calls: Int)
    /// The store fails for so long, or answers only then.
    case storeTrouble(Duration, hangs: Bool)
    case override(Int, BreakerOverride)
    case reset(Int)
    case reconnect(Int)
    case invalidate(Int?)
    /// The fleet is these servers, in this order, from now on.
    case reconfigure([ServerDefinition])
    /// The server answers on another port of its range. A stranger takes its old one, or all
    /// strangers leave.
    case relocate(Int, port: Int, leavesStranger: Bool)
    /// The operator accepts whoever answers in the server's place.
    case trust(Int)
  }

  package var at: Instant
  package var kind: Kind

  package init(at: Instant, _ kind: Kind) { (self.at, self.kind) = (at, kind) }
}
