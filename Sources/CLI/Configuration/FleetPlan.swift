import FleetModel

/// All that files say of servers and their policies, before it becomes definitions: what other
/// sources find is put in with it.
struct FleetPlan: Hashable, Sendable {
  /// What a file says under a server's name.
  struct Named: Hashable, Sendable {
    var name: String
    var spot: Spot
  }

  /// Servers that share policies.
  struct Group: Hashable, Sendable {
    var name: String
    var servers: [NamePattern]
    var spot: Spot
    var policies: Spot?

    func holds(_ server: ServerID) -> Bool { servers.contains { $0.matches(server.name) } }
  }

  var roster = ServerRoster()
  /// Policies of all servers, in the order of the files.
  var defaults: [Spot] = []
  var namedPolicies: [Named] = []
  var groups: [Group] = []
  var namedProbes: [Named] = []
  var locality: String?
  var isDeliveryInDoubt = false
  /// Other sources may have servers that no file names.
  var isOpen = false

  /// The definitions, with what other sources found.
  /// - Parameter discovered: what each of them found, and by what its servers are told apart.
  func assemble(
    with discovered: [(label: String, servers: [DiscoveredServer])] = []
  ) -> (servers: [ServerDefinition], report: ConfigurationReport) {
    var plan = self
    for (label, servers) in discovered {
      for server in servers { plan.add(server, label: label) }
    }
    var assembly = FleetAssembly(plan: plan)
    let servers = assembly.definitions()
    return (servers, assembly.report)
  }

  private mutating func add(_ server: DiscoveredServer, label: String) {
    let value = JSON5Value(position: .start, content: .object([]))
    let entry = ServerEntry(
      id: ServerID(roster.freeName(for: server.name, label: label)), writtenName: server.name,
      endpoints: [EndpointChoice(name: "", endpoint: server.endpoint)],
      spot: Spot(file: label, path: server.name, value: value), source: server.source)
    if roster.twin(of: entry) == nil { roster.append(entry) }
  }
}
