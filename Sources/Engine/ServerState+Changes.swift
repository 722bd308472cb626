import FleetModel
import Resilience

// What a changed definition means for everything that is known of a server.
extension ServerState {
  /// Takes a new definition over; the pool is the machine's to change, because that acts.
  /// - Returns: who waited for a place and has one now.
  mutating func adopt(_ new: ServerDefinition) -> [CallID] {
    let old = definition
    let isElsewhere = !configured.leadsTo(sameAs: new)
    configured = new
    definition = new
    if isElsewhere {
      leave()
      selector = EndpointSelector(
        count: max(1, new.choices.count), policy: new.policies.failover)
      identities = Self.identities(new)
    } else {
      // Where it was found again, and to which of several endpoints it moved.
      definition.endpoint = old.endpoint
      for index in definition.choices.indices {
        definition.choices[index].endpoint = old.choices[index].endpoint
      }
      selector.adopt(new.policies.failover)
    }
    return adopt(new.policies)
  }

  private mutating func adopt(_ policies: Policies) -> [CallID] {
    breaker.adopt(policies.breaker, probeLease: Self.probeLease(policies))
    budget.adopt(policies.retry)
    cache.adopt(policies.cache)
    health.adopt(policies.health)
    limits.adopt(policies.load)
    load.limit = Self.places(policies)
    return bulkhead.adopt(
      limit: load.limit, queueLimit: policies.load.queueLimit,
      queueTimeout: policies.load.queueTimeout)
  }

  /// What was known of the server at its old address is not known of the new one.
  private mutating func leave() {
    info = nil
    tools = [:]
    toolCount = nil
    mayKeepTools = false
    impostor = nil
    hasNewTools = false
    searchAllowedAt = nil
    cache.removeAll()
  }
}

extension ServerDefinition {
  /// The same server at the same addresses; names and ranks of endpoints aside.
  func leadsTo(sameAs other: ServerDefinition) -> Bool {
    endpoint == other.endpoint && identity == other.identity
      && choices.map(\.endpoint) == other.choices.map(\.endpoint)
  }

  /// What differs, in the words of the configuration: `endpoint, policies`.
  func differences(from old: ServerDefinition) -> String {
    var names: [String] = []
    if endpoint != old.endpoint || choices.map(\.endpoint) != old.choices.map(\.endpoint) {
      names.append("endpoint")
    } else if choices != old.choices {
      names.append("names of endpoints")
    }
    if identity != old.identity { names.append("identity") }
    if policies != old.policies { names.append("policies") }
    if probes != old.probes { names.append("probes") }
    if source != old.source { names.append("source") }
    return names.joined(separator: ", ")
  }
}
