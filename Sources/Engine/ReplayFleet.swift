package import FleetModel
import Resilience

/// What a replay of dead letters needs to know of the fleet.
package protocol ReplayFleet {
  /// Nil for a server that is not in the fleet.
  func standing(of server: ServerID, at now: Instant) -> ServerStanding?
  /// The one server that a letter with another server's name was for, by its address; nil where
  /// that is none or not certain.
  func server(for letter: DeadLetter) -> ServerID?
  /// No call takes longer, whatever its server.
  var longestCall: Duration { get }
}

/// Whether a server's breaker lets calls pass.
package enum ServerStanding: Hashable, Sendable {
  case passing
  /// Half-open: a few calls, to see whether it is back.
  case probing
  /// Open, by itself or by an operator.
  case blocked
}

extension FleetMachine: ReplayFleet {
  package func standing(of server: ServerID, at now: Instant) -> ServerStanding? {
    guard let number = roster.numbers[server] else { return nil }
    switch servers[number].breaker.state(at: now) {
    case .closed, .disabled: return .passing
    case .halfOpen: return .probing
    case .open, .forcedOpen: return .blocked
    }
  }

  package func server(for letter: DeadLetter) -> ServerID? {
    let address = Endpoint.comparable(letter.endpoint)
    let found = roster.order.map { servers[$0].definition }.filter { definition in
      ([definition.endpoint] + definition.choices.map(\.endpoint)).contains {
        $0.mayHaveHad(letter, at: address)
      }
    }
    guard found.count > 1 else { return found.first?.id }
    let same = found.filter { $0.endpoint.isBridge(for: letter.client) }
    return same.count == 1 ? same[0].id : nil
  }
}

extension Endpoint {
  /// Without credentials, and without what makes no difference.
  fileprivate static func comparable(_ address: String) -> String {
    var text = redacted(address).replacing("://…@", with: "://")
    while text.last == "/" { text.removeLast() }
    return text
  }

  /// A program's name says nothing of what it was started with. A bridge has one address for
  /// several servers, which its clients tell apart by their own names; letters of other programs
  /// name the operation's route.
  fileprivate func mayHaveHad(_ letter: DeadLetter, at address: String) -> Bool {
    let own = Self.comparable(self.address)
    switch self {
    case .stdio: return false
    case .http: return own == address
    case .bridge:
      let isForeign = address.contains("/\(letter.server.name)")
      return (own == address || address.hasPrefix(own + "/"))
        && (isForeign || isBridge(for: letter.client))
    }
  }

  fileprivate func isBridge(for client: String) -> Bool {
    if case .bridge(let bridge) = self { bridge.clientID == client } else { false }
  }
}
