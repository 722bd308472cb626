import Engine
import FleetModel

// Who answers on which port, of servers that have a range of them.
extension SimulatedWorld {
  /// Its name says whose it is, its digest how often its tools have changed.
  static func identity(of server: ServerID, toolsVersion: Int) -> ServerIdentity {
    ServerIdentity(name: server.name, toolsDigest: "tools \(toolsVersion)")
  }

  private static let stranger = ServerIdentity(name: "stranger", toolsDigest: "other tools")

  /// The server answers elsewhere, and its connections break.
  mutating func relocate(
    _ server: Int, to port: Int, leavesStranger: Bool, at now: Instant
  ) {
    let old = sites[server].port
    sites[server].port = port
    sites[server].strangers.removeAll { $0 == port }
    if !leavesStranger {
      sites[server].strangers = []
    } else if old != port {
      sites[server].strangers.append(old)
    }
    cut(server, endpoint: nil, at: now)
  }

  /// Who answers where a definition leads to; nil is nobody, where that is asked.
  func resident(of number: Int, at endpoint: Endpoint) -> ServerIdentity? {
    let site = sites[number]
    guard let port = endpoint.writtenPort else { return nil }
    if site.port == port {
      return Self.identity(of: site.definition.id, toolsVersion: site.toolsVersion)
    }
    return site.strangers.contains(port) ? Self.stranger : nil
  }

  mutating func locate(_ server: ServerDefinition, at now: Instant) {
    guard let number = numbers[server.id], case .http(let http) = server.endpoint,
      let range = http.portRange
    else { return }
    sites[number].search += 1
    if case .silent? = fault(of: number, endpoint: 0, at: now)?.kind { return }
    let isAway = isAway(number, endpoint: 0, at: now)
    let candidates = range.compactMap { port -> PortCandidate? in
      var place = http
      place.url = "http://x:\(port)/"
      guard !isAway || port != sites[number].port,
        let identity = resident(of: number, at: .http(place))
      else { return nil }
      return PortCandidate(port: port, identity: identity)
    }
    later(
      between(.milliseconds(1), .milliseconds(200)),
      .located(server: number, number: sites[number].search, candidates), at: now)
  }
}
