import FleetModel
import Wire

/// What the official suite's runner wants of one start of the driver: the server's URL as the last
/// argument, the rest in three variables of the environment.
struct ConformanceTask: Sendable {
  /// A call that the scenario prescribes.
  struct ToolCall: Hashable, Sendable {
    var name: String
    var arguments: JSONText
  }

  let url: String
  /// Such as `tools_call` or `auth/scope-step-up`.
  let scenario: String
  /// Of the protocol; decides the era.
  let version: String
  let toolCalls: [ToolCall]
  /// What the context says of our client at the authorization server.
  let client: OAuthClient

  enum Fault: Error, CustomStringConvertible {
    case noURL
    case noScenario
    case version(String)
    case context(String)

    var description: String {
      switch self {
      case .noURL: "the server's URL must be the last argument"
      case .noScenario: "MCP_CONFORMANCE_SCENARIO is not set; the suite's runner sets it"
      case .version(let text):
        "MCP_CONFORMANCE_PROTOCOL_VERSION is '\(text)'; known are "
          + (ProtocolVersion.modern + ProtocolVersion.handshake).joined(separator: ", ")
      case .context(let reason): "MCP_CONFORMANCE_CONTEXT is no context: \(reason)"
      }
    }
  }

  init(_ arguments: [String], environment: [String: String]) throws(Fault) {
    guard let url = arguments.last, url.contains("://") else { throw .noURL }
    guard let scenario = environment["MCP_CONFORMANCE_SCENARIO"] else { throw .noScenario }
    let version = environment["MCP_CONFORMANCE_PROTOCOL_VERSION"] ?? ProtocolVersion.handshake[0]
    guard (ProtocolVersion.modern + ProtocolVersion.handshake).contains(version) else {
      throw .version(version)
    }
    (self.url, self.scenario, self.version) = (url, scenario, version)
    let context = try Self.context(environment["MCP_CONFORMANCE_CONTEXT"])
    toolCalls = (context?.member("toolCalls")?.elements.map { $0 } ?? []).compactMap { call in
      call.member("name")?.string.map {
        ToolCall(name: $0, arguments: call.member("arguments")?.json ?? .emptyObject)
      }
    }
    client = OAuthClient(
      id: context?.member("client_id")?.string,
      secret: context?.member("client_secret")?.string.map { Secret($0) },
      privateKey: context?.member("private_key_pem")?.string.map { Secret($0) },
      signingAlgorithm: context?.member("signing_algorithm")?.string,
      metadataURL: Self.metadataURL)
  }

  private static func context(_ text: String?) throws(Fault) -> JSONView? {
    guard let text, !text.isEmpty else { return nil }
    do throws(JSONError) {
      return try JSONView(Array(text.utf8))
    } catch {
      throw .context(error.description)
    }
  }

  /// The client metadata document that the suite's authorization servers know.
  private static let metadataURL = "https://conformance-test.local/client-metadata.json"

  var isModern: Bool { ProtocolVersion.modern.contains(version) }
}
