import Engine
import FleetModel

// Servers that come, change and go: nothing goes out for one that is gone, the picture shows the
// others, and who is not the server gets no call.
extension Ledger {
  /// Whether calls of others may go to a server in their place.
  static func standsIn(_ server: ServerID, for others: [ServerDefinition]) -> Bool {
    others.contains { other in
      other.policies.fallbacks.contains {
        if case .tool(server, _) = $0.source { true } else { false }
      }
    }
  }

  mutating func reconfigured(_ definitions: [ServerDefinition], at now: Instant) {
    guard !isDraining, !isStopped else { return }
    let wanted = Set(definitions.map(\.id))
    let before = shown.count
    for number in shown where !wanted.contains(servers[number].definition.id) {
      servers[number].isGone = true
      numbers[servers[number].definition.id] = nil
    }
    let known = servers.count
    shown = definitions.map { definition in
      if let number = numbers[definition.id] {
        change(number, to: definition, at: now)
        return number
      }
      servers.append(ServerRecord(definition, standsIn: false))
      numbers[definition.id] = servers.count - 1
      return servers.count - 1
    }
    for number in shown where Self.standsIn(servers[number].definition.id, for: definitions) {
      servers[number].standsIn = true
    }
    let leaving = servers.count { $0.isGone && $0.unfinished > 0 }
    placePeak = max(placePeak, before + (servers.count - known) + leaving)
  }

  private mutating func change(_ number: Int, to new: ServerDefinition, at now: Instant) {
    guard servers[number].definition != new else { return }
    var spanning = 0
    for index in calls.indices where calls[index].server == number && !calls[index].isFinished {
      calls[index].spansChange = true
      // The end of one that stands in is not seen.
      if calls[index].principal == nil { spanning += 1 }
    }
    for broken in servers[number].change(to: new, under: spanning, at: now) {
      violate("\(name(number)): \(broken.words)", at: broken.at)
    }
  }

  /// Between two events: what waits for a removed server has ended.
  mutating func judgeRemoved(at now: Instant) {
    for number in servers.indices where servers[number].isGone && servers[number].unfinished > 0 {
      let waiting = calls.first {
        $0.server == number && !$0.isFinished && $0.inFlight == 0 && $0.storedAt == nil
          && $0.principal == nil && $0.call.method == "tools/call" && !mayWaitElsewhere($0)
      }
      if let waiting { violate("\(waiting.call.id) waits for a removed server", at: now) }
    }
  }

  /// Another server may have been asked in its place: what stands in is seen only when it is sent.
  private func mayWaitElsewhere(_ record: CallRecord) -> Bool {
    if record.standIn != nil { return true }
    guard record.isSafe || !record.mayHaveRun, record.call.token == nil else { return false }
    return servers[record.server].asked(for: record.call.target).contains {
      $0 != record.call.server && numbers[$0] != nil
    }
  }

  mutating func judgeRoster(_ snapshot: Snapshot, at now: Instant) {
    let (said, seen) = (snapshot.servers.map(\.id), shown.map { servers[$0].definition.id })
    if said != seen { violate("the picture shows \(said), the fleet is \(seen)", at: now) }
    for (number, picture) in zip(shown, snapshot.servers) {
      servers[number].impostor = picture.impostor?.found.name
    }
  }

  // MARK: Who answers

  /// Whoever is not known by name is a stranger.
  mutating func met(_ identity: ServerIdentity?, over id: ConnectionID) {
    guard let identity, let number = connections[id]?.server else { return }
    if servers[number].acquainted.isEmpty {
      servers[number].acquainted = [identity.name]
    } else if !servers[number].acquainted.contains(identity.name) {
      connections[id]?.isStranger = true
    }
  }

  /// An operator's word may be about whoever was last shown, or come too late for it.
  mutating func trusted(_ server: ServerID, at now: Instant) {
    guard let number = numbers[server], let impostor = servers[number].impostor else { return }
    servers[number].acquainted.insert(impostor)
    servers[number].breaker.moved(at: now)
    servers[number].order.disturb(before: calls.count)
  }

  mutating func searching(_ server: ServerID, at now: Instant) {
    guard let number = numbers[server] else {
      return violate("\(server) is looked for, which is no server", at: now)
    }
    if servers[number].isSearching { violate("\(server): two searches at once", at: now) }
    servers[number].isSearching = true
  }

  mutating func located(_ server: ServerID, at now: Instant) {
    guard let number = numbers[server] else { return }
    servers[number].isSearching = false
    // It may go on there, with a breaker that begins anew.
    servers[number].breaker.moved(at: now)
    servers[number].order.disturb(before: calls.count)
  }
}
