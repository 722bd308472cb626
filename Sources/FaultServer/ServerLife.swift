package import Adapters
import FleetModel
import Wire

/// How the server starts, and how it follows its plan.
extension MisbehavingServer {
  /// Begins to serve; returns the ports it listens on.
  package func start() throws(ListenError) -> (http: UInt16?, control: UInt16?) {
    startedAt = loop.now
    if let port = options.controlPort {
      let server = HTTPServer(loop: loop) { request, responder in
        self.assumeIsolated { $0.handleControl(request, responder, isShared: false) }
      }
      control = server
      controlListener = try server.listenTCP(port: port)
    }
    if let port = options.httpPort {
      let server = HTTPServer(loop: loop) { request, responder in
        self.assumeIsolated { $0.handle(request, responder) }
      }
      http = server
      let opened = try server.listenTCP(port: port)
      homePort = opened.port
      listener = (opened.port, opened)
    }
    followScript()
    return (homePort, controlListener?.port)
  }

  /// Serves lines instead of HTTP.
  package func serve(input: Int32, output: Int32, onEnd: @escaping @Sendable () -> Void) {
    let channel = LineChannel(
      loop: loop, input: input, output: output,
      onLine: { line in self.assumeIsolated { $0.handle(line: line) } }, onEnd: onEnd)
    self.channel = channel
    channel.start()
  }

  /// Closes everything at once.
  package func stop() async {
    await http?.stop(grace: .zero)
    await control?.stop(grace: .zero)
  }

  /// The port of the separate control endpoint.
  var controlPort: UInt16? { controlListener?.port }

  // MARK: Doors

  private func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
    switch String(request.path) {
    case "/mcp": handleMCP(request, responder)
    case "/health": handleHealth(request, responder)
    case let path where path == "/fault" || path.hasPrefix("/fault/"):
      handleControl(request, responder, isShared: true)
    default: responder.respond(status: 404)
    }
  }

  private func handleMCP(_ request: HTTPRequest, _ responder: HTTPResponder) {
    let version = request.header(MCPHeaders.version)
    let isHandshake =
      options.eras != .modern && (version.map(ProtocolVersion.handshake.contains) ?? true)
    switch request.method {
    case "POST": break
    case "GET" where isHandshake: return openStream(request, responder)
    case "DELETE" where isHandshake: return endSession(request, responder)
    default:
      return responder.respond(
        status: 405, headers: [("Allow", isHandshake ? "GET, POST, DELETE" : "POST")])
    }
    switch doorkeeper.admit(request) {
    case .request(let admitted): serve(admitted, to: .http(responder))
    case .notification(let method, let params):
      receive(notification: method, params)
      responder.respond(status: 202)
    case .refusal(let reply):
      responder.respond(
        status: reply.status, headers: [("Content-Type", "application/json")], body: reply.bytes)
    case .plain(let status, let headers): responder.respond(status: status, headers: headers)
    }
  }

  private func endSession(_ request: HTTPRequest, _ responder: HTTPResponder) {
    guard let id = request.header(MCPHeaders.session) else {
      return responder.respond(status: 400)
    }
    guard sessions.removeValue(forKey: id) != nil else { return responder.respond(status: 404) }
    dismiss(session: id)
    responder.respond(status: 200)
  }

  private func handleHealth(_ request: HTTPRequest, _ responder: HTTPResponder) {
    guard request.method == "GET" || request.method == "HEAD" else {
      return responder.respond(status: 405, headers: [("Allow", "GET, HEAD")])
    }
    counters.healthChecks += 1
    let isOK = plan.healthStatus < 400
    let body = isOK ? #"{"status":"ok"}"# : #"{"status":"failing"}"#
    var reply = RPCReply(id: nil, result: .null)
    reply.bytes = Array(body.utf8)
    reply.status = plan.healthStatus
    let fault = drawHealthFault()
    send(
      FaultyAnswer(reply: reply, fault: fault, asStream: false, id: .null, era: .handshake),
      to: .http(responder))
  }

  private func drawHealthFault() -> FaultRule? {
    for index in plan.rules.indices where plan.rules[index].scope == .everything {
      guard plan.rules[index].replacesAnswer, plan.rules[index].hits(using: &random) else {
        continue
      }
      counters.hit(plan.rules[index].name)
      return plan.rules[index]
    }
    return nil
  }

  private func handle(line: [UInt8]) {
    switch doorkeeper.admit(line: line) {
    case .request(let admitted): serve(admitted, to: .line)
    case .notification(let method, let params): receive(notification: method, params)
    case .refusal(let reply): channel?.write(reply.bytes + [10])
    case .plain: break
    case nil: counters.garbageLines += 1
    }
  }

  // MARK: The plan

  private func followScript() {
    guard let script else { return }
    let (plan, next) = script.plan(after: loop.now - startedAt)
    apply(plan)
    guard let next else { return }
    // A millisecond later, so that rounding cannot land just before the phase begins.
    _ = loop.schedule(at: loop.now + next + .milliseconds(1)) {
      self.assumeIsolated { $0.followScript() }
    }
  }

  /// - Parameter asker: whose answer is still to be sent when everyone else is thrown out.
  func apply(_ changed: FaultPlan, asker: HTTPResponder? = nil) {
    let old = plan
    plan = changed
    if !options.hasHealth { plan.healthStatus = 404 }
    planGeneration += 1
    if old.toolsRevision != plan.toolsRevision || old.isHostile != plan.isHostile {
      announceToolsChanged()
    }
    moveListener(asker: asker)
    guard let seconds = plan.refused?.seconds else { return }
    let generation = planGeneration
    _ = loop.schedule(at: loop.now + Duration(fractionalSeconds: seconds)) {
      self.assumeIsolated { server in
        guard server.planGeneration == generation else { return }
        server.plan.refused = nil
        server.moveListener(asker: nil)
      }
    }
  }

  /// Listens where the plan says, or nowhere.
  private func moveListener(asker: HTTPResponder?) {
    guard let http, let homePort else { return }
    let wanted = plan.refused == nil ? plan.port ?? homePort : nil
    guard listener?.asked != wanted else { return }
    if let listener { http.close(listener.listener) }
    listener = nil
    listenFailure = nil
    http.resetConnections(sparing: asker)
    guard let wanted else { return }
    do {
      listener = (wanted, try http.listenTCP(port: wanted))
    } catch {
      listenFailure = error.message
    }
  }
}
