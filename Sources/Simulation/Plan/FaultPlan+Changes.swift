import FleetModel

// Servers that come, change, go and turn up elsewhere.
extension FaultPlan {
  static let ports = 9000...9004

  static func rangedEndpoint(_ name: String, _ suffix: String = "") -> Endpoint {
    .http(
      HTTPEndpoint(
        url: "http://\(name).invalid:\(ports.lowerBound)/mcp\(suffix)", portRange: ports))
  }

  mutating func drawChanges(in storm: Duration, _ drawing: inout PolicyDrawing) {
    let ranged = servers.indices.filter { servers[$0].endpoint.isRanged }
    for number in ranged {
      for _ in 0..<drawing.count(0...4) {
        let leavesStranger = drawing.chance(oneIn: 2)
        let share = Int64.random(in: 0..<storm.nanoseconds, using: &drawing.random)
        let at = Instant.origin + .nanoseconds(share)
        happenings.append(
          Happening(
            at: at,
            .relocate(number, port: drawing.count(Self.ports), leavesStranger: leavesStranger)))
        guard leavesStranger, drawing.chance(oneIn: 2) else { continue }
        let later = at + drawing.duration(.milliseconds(100), .seconds(8))
        happenings.append(Happening(at: min(stormEnd, later), .trust(number)))
      }
      happenings.append(
        Happening(
          at: stormEnd, .relocate(number, port: Self.ports.lowerBound, leavesStranger: false)))
    }
    let count = drawing.count(0...4)
    for _ in 0..<count { happen(.reconfigure(drawFleet(&drawing)), in: storm, &drawing) }
    if count > 0 || !ranged.isEmpty {
      happenings.append(Happening(at: stormEnd, .reconfigure(servers.map(Self.settled))))
    }
  }

  /// Some of the servers, some of them changed, in some order.
  private func drawFleet(_ drawing: inout PolicyDrawing) -> [ServerDefinition] {
    var fleet: [ServerDefinition] = []
    for server in servers where !drawing.chance(oneIn: 4) {
      let version = drawing.chance(oneIn: 3) ? changed(server, &drawing) : server
      let place = drawing.chance(oneIn: 3) ? 0 : fleet.count
      fleet.insert(version, at: place)
    }
    return fleet
  }

  private func changed(
    _ server: ServerDefinition, _ drawing: inout PolicyDrawing
  ) -> ServerDefinition {
    var new = server
    switch drawing.count(0...4) {
    case 0, 1:
      new.policies = drawing.policies(isHTTP: server.isHTTP)
      new.policies.fallbacks = server.policies.fallbacks
    case 2: new.endpoint = server.endpointElsewhere(drawing.count(1...2))
    case 3: new.choices.reverse()
    default:
      new.probes = [Probe(tool: "read", arguments: .emptyObject, interval: .milliseconds(500))]
    }
    if let first = new.choices.first { new.endpoint = first.endpoint }
    new.source = "elsewhere"
    return new
  }

  /// After the storm every server is there again, and who answers is learnt anew.
  private static func settled(_ server: ServerDefinition) -> ServerDefinition {
    guard server.endpoint.isRanged else { return server }
    var settled = server
    settled.endpoint = rangedEndpoint(server.id.name, "?calm")
    settled.identity = nil
    return settled
  }

  /// Every definition that a server ever has.
  func versions(of server: ServerDefinition) -> [ServerDefinition] {
    var versions = [server]
    for happening in happenings {
      guard case .reconfigure(let fleet) = happening.kind else { continue }
      versions += fleet.filter { $0.id == server.id && !versions.contains($0) }
    }
    return versions
  }
}

extension Endpoint {
  var isRanged: Bool {
    if case .http(let endpoint) = self { endpoint.portRange != nil } else { false }
  }

  /// Of a URL with a port.
  var writtenPort: Int? {
    guard case .http(let endpoint) = self else { return nil }
    let parts = endpoint.url.split(separator: ":")
    return parts.count > 2 ? Int(parts[2].prefix { $0.isNumber }) : nil
  }
}

extension ServerDefinition {
  fileprivate var isHTTP: Bool { if case .stdio = endpoint { false } else { true } }

  fileprivate func endpointElsewhere(_ number: Int) -> Endpoint {
    switch endpoint {
    case .http(var http):
      http.url += "?v\(number)"
      return .http(http)
    case .stdio(let command, _, let environment, let directory):
      return .stdio(
        command: command, arguments: ["v\(number)"], environment: environment,
        workingDirectory: directory)
    case .bridge: return endpoint
    }
  }
}
