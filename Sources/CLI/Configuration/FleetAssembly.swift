import FleetModel

/// Makes the servers of what the files say of them, each with its layers of policies, its probes
/// and its endpoints.
struct FleetAssembly {
  private let plan: FleetPlan
  private let entries: [ServerEntry]
  private(set) var report = ConfigurationReport()
  private var isDeliveryInDoubt: Bool
  private var leftOut: Set<String> = []
  /// Groups that say something wrong; their servers stay out.
  private var brokenGroups: Set<String> = []

  init(plan: FleetPlan) {
    self.plan = plan
    entries = plan.roster.entries
    isDeliveryInDoubt = plan.isDeliveryInDoubt
  }

  mutating func definitions() -> [ServerDefinition] {
    for named in plan.namedPolicies where named.name != "*" { warnUnlessKnown(named) }
    for named in plan.namedProbes { warnUnlessKnown(named) }
    let shared = checkedShared()
    checkGroups()
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

  private mutating func warnUnlessKnown(_ named: FleetPlan.Named) {
    let name = named.name
    guard !plan.isOpen, !entries.contains(where: { $0.id.name == name }) else { return }
    let suggestion = Suggestion.phrase(for: name, among: entries.map(\.id.name))
    report.warn(named.spot, "there is no server '\(name)'" + suggestion)
  }

  // MARK: - Policies of all servers

  /// What is wrong in them is told and left out; the servers run without it.
  private mutating func checkedShared() -> [PolicyLayers.Layer] {
    let spots =
      plan.defaults.reversed() + plan.namedPolicies.filter { $0.name == "*" }.map(\.spot).reversed()
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
    let names = plan.roster.writtenNames
    guard !plan.isOpen, let name = written.server?.name, !names.contains(name) else { return }
    faults.add(
      written.spot,
      "there is no server '\(name)' to fall back to" + Suggestion.phrase(for: name, among: names))
  }

  // MARK: - Policies of groups

  /// What is wrong in a group is told once, and its servers stay out.
  private mutating func checkGroups() {
    for group in plan.groups {
      var faults = PolicyFaults(server: nil)
      if let policies = group.policies {
        PolicyReader.check(policies, &faults)
        let layer = PolicyLayers.Layer(spot: policies, isOwn: true)
        for written in PolicyLayers(layers: [layer], isStdio: false).fallbacks().written {
          checkName(of: written, &faults)
        }
      }
      if faults.count > 0 { brokenGroups.insert(group.name) }
      report.append(faults.report)
      if !plan.isOpen, !entries.contains(where: { group.holds($0.id) }) {
        report.warn(group.spot, "no server is in it; see 'mcpdash servers' for their names")
      }
    }
  }

  // MARK: - One server

  /// nil when what is said of this server alone is broken: it might do harm with other policies
  /// than the ones that were meant.
  private mutating func draft(
    of entry: ServerEntry, shared: [PolicyLayers.Layer]
  ) -> (definition: ServerDefinition, fallbacks: [WrittenFallback])? {
    var faults = PolicyFaults(server: entry.id)
    let groups = plan.groups.filter { $0.holds(entry.id) }
    for group in groups where brokenGroups.contains(group.name) {
      faults.add(group.spot, "has a mistake, and '\(entry.id)', which is in it, is left out")
    }
    let own =
      plan.namedPolicies.filter { $0.name == entry.id.name }.map(\.spot)
      + [entry.spot["policies"]].compactMap(\.self)
    for spot in own { PolicyReader.check(spot, &faults) }
    let shared =
      shared
      + groups.compactMap(\.policies).map {
        PolicyLayers.Layer(spot: $0, isOwn: true, isGroups: true)
      }
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
    var policies = layers.merged()
    if let timeout = entry.timeout, !own.contains(where: { $0["retry"]?["tryTimeout"] != nil }) {
      policies.retry.tryTimeout = timeout
    }
    for oddity in PolicyReader.oddities(in: policies) {
      report.warn(entry.spot, oddity, server: entry.id)
    }
    let choices = entry.preferred(in: plan.locality)
    guard let first = choices.first else { return nil }
    var definition = ServerDefinition(
      id: entry.id, endpoint: first.endpoint, policies: policies, probes: probes,
      source: entry.source ?? "\(entry.spot.file): \(entry.spot.path)",
      identity: entry.identity)
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
      return server != entry.id
        && (plan.isOpen || plan.roster.writtenNames.contains(server.name))
    }
  }

  private mutating func probes(of entry: ServerEntry) -> [Probe] {
    let spots =
      [entry.spot["probes"]].compactMap(\.self)
      + plan.namedProbes.filter { $0.name == entry.id.name }.map(\.spot)
    var probes: [Probe] = []
    for spot in spots { probes += ProbeReader.read(spot, &report, server: entry.id) ?? [] }
    return probes
  }
}
