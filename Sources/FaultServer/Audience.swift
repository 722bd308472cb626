import Adapters
import FleetModel
import Wire

extension MisbehavingServer {
  /// Someone who wants to hear of changes.
  struct Listener {
    var number: Int
    var exit: Exit
    /// The id of the `subscriptions/listen` request; nil in the handshake era.
    var subscription: JSONText?
    /// The session whose GET stream this is.
    var session: String?
  }

  /// How often an idle stream gets a comment, so that proxies keep it.
  private static let pingInterval: Duration = .seconds(15)

  /// Serves `subscriptions/listen`: acknowledges, and tags all that follows with the request's id.
  func listen(_ request: AdmittedRequest, to exit: Exit) {
    let wantsTools =
      request.params?.member("notifications")?.member("toolsListChanged")?.bool == true
    add(Listener(number: 0, exit: exit, subscription: request.id, session: nil))
    let acknowledgement = notification("notifications/subscriptions/acknowledged") {
      $0.member("_meta", object: { $0.member(Self.subscriptionKey, request.id) })
      $0.member(
        "notifications",
        object: { if wantsTools { $0.member("toolsListChanged", true) } })
    }
    tell(exit, acknowledgement)
    if !wantsTools { audience.removeLast() }
  }

  /// Serves GET in the handshake era: the stream of a session.
  func openStream(_ request: HTTPRequest, _ responder: HTTPResponder) {
    guard let session = request.header(MCPHeaders.session) else {
      return responder.respond(status: 400)
    }
    guard sessions[session] != nil else { return responder.respond(status: 404) }
    guard request.header("Accept")?.contains("text/event-stream") == true else {
      return responder.respond(status: 406)
    }
    guard !audience.contains(where: { $0.session == session }) else {
      return responder.respond(status: 409)
    }
    add(
      Listener(number: 0, exit: .http(responder), subscription: nil, session: session))
  }

  private static let subscriptionKey = "io.modelcontextprotocol/subscriptionId"

  private func add(_ listener: Listener) {
    nextListenerNumber += 1
    let number = nextListenerNumber
    var listener = listener
    listener.number = number
    audience.append(listener)
    guard case .http(let responder) = listener.exit else { return }
    responder.startStream(status: 200, headers: Self.eventStream)
    responder.onLeave {
      self.assumeIsolated { $0.audience.removeAll { $0.number == number } }
    }
    if !keepsAudienceAlive {
      keepsAudienceAlive = true
      schedulePing()
    }
  }

  private func schedulePing() {
    _ = loop.schedule(at: loop.now + Self.pingInterval) {
      self.assumeIsolated { server in
        for case .http(let responder) in server.audience.map(\.exit) {
          responder.write(Array(": ping\n\n".utf8))
        }
        server.keepsAudienceAlive = !server.audience.isEmpty
        if server.keepsAudienceAlive { server.schedulePing() }
      }
    }
  }

  /// Ends the streams of a session.
  func dismiss(session: String) {
    for listener in audience where listener.session == session {
      if case .http(let responder) = listener.exit { responder.finish() }
    }
    audience.removeAll { $0.session == session }
  }

  func announceToolsChanged() {
    for listener in audience {
      let message = notification(MCPMethod.toolsChanged) {
        guard let id = listener.subscription else { return }
        $0.member("_meta", object: { $0.member(Self.subscriptionKey, id) })
      }
      tell(listener.exit, message)
    }
    // Over stdio the handshake era has no subscription: everyone is told.
    if channel != nil, doorkeeper.lockedEra == .handshake {
      tell(.line, notification(MCPMethod.toolsChanged) { _ in })
    }
  }

  private func tell(_ exit: Exit, _ message: [UInt8]) {
    switch exit {
    case .http(let responder): responder.write(Self.event(message))
    case .line: channel?.write(message + [10])
    }
  }

  private func notification(
    _ method: String, _ params: (inout JSONWriter) -> Void
  ) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(params)
    return RPCEncoder.notification(method: method, params: writer.json)
  }
}
