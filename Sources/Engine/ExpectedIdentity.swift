import FleetModel
import Resilience

/// Who is expected to answer at one endpoint of a server.
struct ExpectedIdentity: Hashable, Sendable {
  var identity: ServerIdentity
  /// By the configuration, which nothing but the operator's word replaces.
  var isConfigured: Bool
}

/// Another server that answers in a server's place.
struct Impostor: Hashable, Sendable {
  /// Where it answers.
  var endpoint: Endpoint
  var expected: ServerIdentity
  var found: ServerIdentity
}

/// Why ports are being asked who is there.
enum PortSearch: Hashable, Sendable {
  /// The server vanished from its port.
  case vanished
  /// The server said that its tools changed: only its own port is asked.
  case newTools
}

extension ServerDefinition {
  /// What is wrong with whoever answered at its endpoint; nil when it may be the server.
  func refusal(of info: ConnectionInfo) -> Failure? {
    guard endpoint.portRange != nil, let identity, let found = info.identity, found != identity
    else { return nil }
    return Impostor(endpoint: endpoint, expected: identity, found: found).failure
  }
}

extension ServerState {
  /// One for each endpoint.
  static func identities(_ definition: ServerDefinition) -> [ExpectedIdentity?] {
    let configured = definition.identity.map {
      ExpectedIdentity(identity: $0, isConfigured: true)
    }
    return Array(repeating: configured, count: max(1, definition.choices.count))
  }

  /// Of the endpoint in use.
  var expected: ExpectedIdentity? {
    get { identities[selector.current] }
    set { identities[selector.current] = newValue }
  }

  /// Another server answers at the address in use.
  var isImpersonated: Bool {
    guard let impostor else { return false }
    return impostor.endpoint == definition.endpoint
  }

  /// The endpoint in use as the configuration has it.
  var configuredEndpoint: Endpoint {
    configured.choices.isEmpty ? configured.endpoint : configured.choices[selector.current].endpoint
  }

  /// The endpoint in use has another address from now on.
  mutating func use(_ endpoint: Endpoint) {
    definition.endpoint = endpoint
    if !definition.choices.isEmpty { definition.choices[selector.current].endpoint = endpoint }
  }
}

extension ServerIdentity {
  /// A name in a sentence is cut here, in scalars: it is the server's own text.
  private static let nameLimit = 80
  /// Enough of a digest to tell two apart.
  private static let digestLimit = 12

  /// `'weather' with tools 1f0c9a3b77e2…`
  var words: String {
    let start = String(String.UnicodeScalarView(name.unicodeScalars.prefix(Self.nameLimit)))
    let cut = name.unicodeScalars.count > Self.nameLimit ? "…" : ""
    let digest = toolsDigest.prefix(Self.digestLimit)
    return (name.isEmpty ? "a server without a name" : "'\(start)\(cut)'")
      + " with tools \(digest)\(toolsDigest.count > Self.digestLimit ? "…" : "")"
  }
}
