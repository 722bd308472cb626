package import FleetModel
import Resilience

/// What a replay of dead letters needs to know of the fleet.
package protocol ReplayFleet {
  /// Nil for a server that is not in the fleet.
  func standing(of server: ServerID, at now: Instant) -> ServerStanding?
  /// The first server that has this address, as `Endpoint.address` writes it.
  func server(at address: String) -> ServerID?
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

  package func server(at address: String) -> ServerID? {
    let wanted = Endpoint.comparable(address)
    guard !wanted.isEmpty else { return nil }
    let number = roster.order.first { number in
      let definition = servers[number].definition
      return ([definition.endpoint] + definition.choices.map(\.endpoint)).contains {
        Endpoint.comparable($0.address) == wanted
      }
    }
    return number.map { servers[$0].definition.id }
  }
}

extension Endpoint {
  /// Without credentials, and without what makes no difference.
  fileprivate static func comparable(_ address: String) -> String {
    var text = redacted(address)
    while text.last == "/" { text.removeLast() }
    return text
  }
}
