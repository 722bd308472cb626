import FleetModel

/// Makes the servers of what the files say of them, each with its layers of policies, its probes
/// and its endpoints.
struct FleetAssembly {
  let entries: [ServerEntry]
  /// Of all servers that are written, those that are broken or switched off too.
  let names: [String]
  let defaults: [Spot]
  let namedPolicies: [(name: String, spot: Spot)]
  let namedProbes: [(name: String, spot: Spot)]
  let locality: String?
  var isDeliveryInDoubt: Bool
  private(set) var report = ConfigurationReport()
  private var leftOut: Set<String> = []

  init(
    entries: [ServerEntry], names: [String], defaults: [Spot],
    namedPolicies: [(name: String, spot: Spot)], namedProbes: [(name: String, spot: Spot)],
    locality: String?, isDeliveryInDoubt: Bool
  ) {
    self.entries = entries
    self.names = names
    self.defaults = defaults
    self.namedPolicies = namedPolicies
    self.namedProbes = namedProbes
    self.locality = locality
    self.isDeliveryInDoubt = isDeliveryInDoubt
  }

  mutating func definitions() -> [ServerDefinition] {
    for (name, spot) in namedPolicies where name != "*" { warnUnlessKnown(name, spot) }
    for (name, spot) in namedProbes { warnUnlessKnown(name, spot) }
    let shared = checkedShared()
    var drafts: [(definition: ServerDefinition, fallbacks: [WrittenFallback])] = []
    for entry in entries {
      if let draft = draft(of: entry, shared: shared) { drafts.append(draft) }
    }
    let running = Set(drafts.map(\.definition.id))
    return drafts.map { draft in
      var definition = draft.definition
      definition.policies.fallbacks = draft.fallbacks.filter { written in
        guard let server = written.server, !running.contains(server) else { return true }
        report.warn(
          written.spot, "'\(server)' is left out, and so is this fallback", server: definition.id)
        return false
      }.map(\.fallback)
      return definition
    }
  }

  private mutating func warnUnlessKnown(_ name: String, _ spot: Spot) {
    guard !entries.contains(where: { $0.id.name == name }) else { return }
    let suggestion = Suggestion.phrase(for: name, among: entries.map(\.id.name))
    report.warn(spot, "there is no server '\(name)'" + suggestion)
  }

  // MARK: - Policies of all servers

  /// What is wrong in them is told and left out; the servers run without it.
  private mutating func checkedShared() -> [PolicyLayers.Layer] {
    let spots =
      defaults.reversed() + namedPolicies.filter { $0.name == "*" }.map(\.spot).reversed()
    var faults = PolicyFaults(server: nil)
    for spot in spots { PolicyReader.check(spot, &faults) }
    let layers = spots.map { PolicyLayers.Layer(spot: $0, isOwn: false) }
    for found in PolicyLayers(layers: layers, isStdio: false).contradictions() {
      faults.add(found.spot, found.message)
      leftOut.formUnion(found.fields)
    }
    for written in PolicyLayers(layers: layers, isStdio: false).fallbacks().written {
      checkName(of: written, &faults)
    }
    if faults.isDeliveryInDoubt { isDeliveryInDoubt = true }
    report.append(faults.report)
    return layers
  }

  private func checkName(of written: WrittenFallback, _ faults: inout PolicyFaults) {
    guard let name = written.server?.name, !names.contains(name) else { return }
    faults.add(
      written.spot,
      "there is no server '\(name)' to fall back to" + Suggestion.phrase(for: name, among: names))
  }

  // MARK: - One server

  /// nil when what is said of this server alone is broken: it might do harm with other policies
  /// than the ones that were meant.
  private mutating func draft(
    of entry: ServerEntry, shared: [PolicyLayers.Layer]
  ) -> (definition: ServerDefinition, fallbacks: [WrittenFallback])? {
    var faults = PolicyFaults(server: entry.id)
    let own =
      namedPolicies.filter { $0.name == entry.id.name }.map(\.spot)
      + [entry.spot["policies"]].compactMap(\.self)
    for spot in own { PolicyReader.check(spot, &faults) }
    let layers = PolicyLayers(
      layers: shared + own.map { PolicyLayers.Layer(spot: $0, isOwn: true) },
      isStdio: entry.isStdio, isDeliveryInDoubt: isDeliveryInDoubt, leftOut: leftOut)
    if faults.count == 0 {
      for found in layers.contradictions() { faults.add(found.spot, found.message) }
    }
    let fallbacks = fallbacks(of: entry, layers, &faults)
    let before = report.errors.count
    let probes = probes(of: entry)
    report.append(faults.report)
    guard report.errors.count == before else { return nil }
    let policies = layers.merged()
    for oddity in PolicyReader.oddities(in: policies) {
      report.warn(entry.spot, oddity, server: entry.id)
    }
    let choices = entry.preferred(in: locality)
    guard let first = choices.first else { return nil }
    var definition = ServerDefinition(
      id: entry.id, endpoint: first.endpoint, policies: policies, probes: probes,
      source: "\(entry.spot.file): \(entry.spot.path)")
    if choices.count > 1 { definition.choices = choices }
    return (definition, fallbacks)
  }

  private func fallbacks(
    of entry: ServerEntry, _ layers: PolicyLayers, _ faults: inout PolicyFaults
  ) -> [WrittenFallback] {
    var (written, isOwn) = layers.fallbacks()
    if let spot = entry.spot["fallbacks"] {
      (written, isOwn) = (FallbackReader.fallbacks(spot, &faults) ?? [], true)
    }
    if isOwn {
      for fallback in written {
        checkName(of: fallback, &faults)
        guard fallback.server == entry.id else { continue }
        faults.add(fallback.spot, "'\(entry.id)' cannot fall back to itself; name another server")
      }
    }
    // Meant for all servers, it is meant for all others.
    return written.filter { fallback in
      guard let server = fallback.server else { return true }
      return server != entry.id && names.contains(server.name)
    }
  }

  private mutating func probes(of entry: ServerEntry) -> [Probe] {
    let spots =
      [entry.spot["probes"]].compactMap(\.self)
      + namedProbes.filter { $0.name == entry.id.name }.map(\.spot)
    var probes: [Probe] = []
    for spot in spots { probes += ProbeReader.read(spot, &report, server: entry.id) ?? [] }
    return probes
  }
}
