/// One server as the configuration describes it, variables already expanded.
package struct ServerDefinition: Hashable, Sendable {
  package var id: ServerID
  package var endpoint: Endpoint
  /// All endpoints, most preferred first; empty when `endpoint` is the only one.
  package var choices: [EndpointChoice] = []
  package var policies: Policies
  package var probes: [Probe]
  /// Where it was found: a file and the path in it, for the operator.
  package var source: String
  /// Who is expected to answer there, where the operator says so; else whoever answered first.
  package var identity: ServerIdentity?

  package init(
    id: ServerID, endpoint: Endpoint, policies: Policies = Policies(), probes: [Probe] = [],
    source: String = "", identity: ServerIdentity? = nil
  ) {
    self.id = id
    self.endpoint = endpoint
    self.policies = policies
    self.probes = probes
    self.source = source
    self.identity = identity
  }
}

/// One of several endpoints of a server.
package struct EndpointChoice: Hashable, Sendable {
  /// What the operator calls it; free of secrets.
  package var name: String
  package var endpoint: Endpoint
  /// Lower is preferred.
  package var priority: Int
  /// Where it is; among equal priorities the fleet's own locality is preferred.
  package var locality: String?

  package init(name: String, endpoint: Endpoint, priority: Int = 0, locality: String? = nil) {
    self.name = name
    self.endpoint = endpoint
    self.priority = priority
    self.locality = locality
  }
}

/// A synthetic probe: a tool called on a schedule, a black-box check of the server.
package struct Probe: Hashable, Sendable {
  package var tool: String
  package var arguments: JSONText
  package var interval: Duration

  package init(tool: String, arguments: JSONText, interval: Duration) {
    self.tool = tool
    self.arguments = arguments
    self.interval = interval
  }
}
