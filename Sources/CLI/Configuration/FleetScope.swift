import FleetModel

/// How much of the configured fleet one command wants; holds for every list of servers that an
/// engine of its own is given, the first and later ones.
struct FleetScope: Hashable, Sendable {
  /// The only server that is asked for, with those that may stand in for it; nil: all.
  var server: ServerID?
  /// Whether probes, which call tools, are run.
  var runsProbes = true

  /// What of these servers is wanted; all where the one that is asked for is not among them, so
  /// that whoever is asked for it can say which there are.
  func narrowed(_ servers: [ServerDefinition]) -> [ServerDefinition] {
    var list = servers
    if let server, servers.contains(where: { $0.id == server }) {
      let wanted = Self.closure(of: server, in: servers)
      list.removeAll { !wanted.contains($0.id) }
    }
    if !runsProbes {
      for index in list.indices { list[index].probes = [] }
    }
    return list
  }

  private static func closure(of server: ServerID, in servers: [ServerDefinition]) -> [ServerID] {
    var wanted = [server]
    var next = 0
    while next < wanted.count {
      let fallbacks = servers.first { $0.id == wanted[next] }?.policies.fallbacks ?? []
      for fallback in fallbacks {
        guard case .tool(let other, _) = fallback.source, !wanted.contains(other) else { continue }
        wanted.append(other)
      }
      next += 1
    }
    return wanted
  }
}
