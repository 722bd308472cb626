import FleetModel

extension Configuration {
  /// Leaves out every server but this one and those that may stand in for it; nothing where there
  /// is no such server, so that whoever is asked for it can say which there are, nor where other
  /// sources make the fleet anew.
  mutating func keep(_ server: ServerID) {
    guard !plan.isOpen, servers.contains(where: { $0.id == server }) else { return }
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
    servers.removeAll { !wanted.contains($0.id) }
  }
}
