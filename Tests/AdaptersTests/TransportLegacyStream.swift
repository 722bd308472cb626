import Adapters
import FleetModel
import Synchronization

/// A server of 2024-11-05: a stream at `/sse`, and requests at `/messages`.
///
/// `rest` gets what is no handshake, with the responder of the POST and the open stream.
final class LegacyStreamScript: Sendable {
  typealias Rest = @Sendable (SeenRequest, HTTPResponder, HTTPResponder) -> Void

  private let stream = Mutex<HTTPResponder?>(nil)
  private let endpoint: String
  private let version: String
  private let rest: Rest

  init(
    endpoint: String = "/messages?session=1", version: String = "2024-11-05",
    _ rest: @escaping Rest = { request, post, stream in
      post.respond(status: 202)
      stream.event(request.result("{}"))
    }
  ) {
    self.endpoint = endpoint
    self.version = version
    self.rest = rest
  }

  /// The event stream that was opened last.
  var openStream: HTTPResponder? { stream.withLock { $0 } }

  func answer(_ request: SeenRequest, _ responder: HTTPResponder) {
    switch (request.httpMethod, request.path) {
    case ("GET", "/sse"):
      responder.eventStream()
      responder.write(Array("event: endpoint\ndata: \(endpoint)\n\n".utf8))
      stream.withLock { $0 = responder }
    case ("POST", "/messages"): post(request, responder)
    case ("POST", "/sse"): responder.respond(status: 405)
    default: responder.respond(status: 404)
    }
  }

  private func post(_ request: SeenRequest, _ responder: HTTPResponder) {
    guard let stream = openStream else { return responder.respond(status: 404) }
    switch request.method {
    case "initialize":
      responder.respond(status: 202)
      stream.event(
        request.result(
          #"{"protocolVersion":"\#(version)","serverInfo":{"name":"old","version":"7"}}"#))
    case "notifications/initialized": responder.respond(status: 202)
    default: rest(request, responder, stream)
    }
  }
}

extension TransportFixture {
  static func legacy(
    _ script: LegacyStreamScript, _ body: (TransportFixture) async throws -> Void
  ) async throws {
    try await with({ script.answer($0, $1) }, body)
  }

  /// - Parameter style: `streamable` leaves it to the fallback.
  func legacyServer(_ style: HTTPEndpoint.Style = .sse) -> ServerDefinition {
    let endpoint = HTTPEndpoint(
      url: "http://127.0.0.1:\(port)/sse", headers: [HeaderField(name: "X-Key", value: "k")],
      style: style)
    return ServerDefinition(id: ServerID("s"), endpoint: .http(endpoint))
  }

  func openLegacy() async throws { try await open(legacyServer()) }
}
