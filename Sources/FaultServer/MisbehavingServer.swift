package import Adapters
import FleetModel
import Wire

/// An MCP server of both eras that does right until its plan says otherwise.
///
/// Everything it has lives on the event loop: HTTP, standard streams and the control endpoint call
/// it there.
package actor MisbehavingServer {
  /// Where an answer goes.
  enum Exit: Sendable {
    case http(HTTPResponder)
    case line
  }

  struct Session {
    var id: String
    var version: String
  }

  /// Handshake sessions kept; beyond it `initialize` is answered with 503.
  static let sessionLimit = 10_000

  nonisolated let loop: EventLoop
  let options: FaultServerOptions
  let script: FaultScript?
  let shelf: ToolShelf
  /// Ends the process without ceremony; tests put something else here.
  let crash: @Sendable () -> Void

  var plan = FaultPlan()
  /// Grows with each change, so that a timer of an older plan can tell that it is late.
  var planGeneration = 0
  var random: SplitMix64
  var counters = FaultCounters()
  var doorkeeper: Doorkeeper
  var sessions: [String: Session] = [:]
  var audience: [Listener] = []
  var nextListenerNumber = 0
  var keepsAudienceAlive = false
  /// Answers held back, by the request's id; over stdio they can be cancelled.
  var heldLines: [JSONText: TimerToken] = [:]
  var startedAt = Instant.origin

  var http: HTTPServer?
  var control: HTTPServer?
  var channel: LineChannel?
  /// The port asked for at the start, once it is known.
  var homePort: UInt16?
  var controlListener: HTTPServer.Listener?
  var listener: (asked: UInt16, listener: HTTPServer.Listener)?
  /// Why the port of the plan could not be listened on.
  var listenFailure: String?

  package init(
    loop: EventLoop, options: FaultServerOptions, script: FaultScript? = nil,
    crash: @escaping @Sendable () -> Void
  ) {
    self.loop = loop
    self.options = options
    self.script = script
    self.crash = crash
    shelf = ToolShelf(serverName: options.name)
    random = SplitMix64(seed: options.seed)
    doorkeeper = Doorkeeper(eras: options.eras)
    if !options.hasHealth { plan.healthStatus = 404 }
  }

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  // MARK: Serving

  /// Serves a request that passed the door, with whatever the plan does to it.
  func serve(_ request: AdmittedRequest, to exit: Exit) {
    let isCall = request.method == MCPMethod.callTool
    counters.requests += 1
    if isCall { counters.calls += 1 }
    if isCall, counters.calls == options.crashAfter {
      _ = perform(request)
      return crash()
    }
    guard plan.latency != nil || !plan.rules.isEmpty else {
      return deliver(perform(request), of: request, fault: nil, asStream: false, to: exit)
    }
    let (fault, asStream) = drawFaults(isCall: isCall)
    if let fault, !fault.runsCall {
      let nothing = RPCReply(id: request.id, result: .emptyObject)
      return deliver(.now(nothing), of: request, fault: fault, asStream: asStream, to: exit)
    }
    deliver(perform(request), of: request, fault: fault, asStream: asStream, to: exit)
  }

  /// The fault that replaces the answer, if any, and whether the answer is to be a stream.
  private func drawFaults(isCall: Bool) -> (fault: FaultRule?, asStream: Bool) {
    var asStream = false
    for index in plan.rules.indices where isCall || plan.rules[index].scope != .calls {
      guard plan.rules[index].hits(using: &random) else { continue }
      let rule = plan.rules[index]
      counters.hit(rule.name)
      if rule.replacesAnswer { return (rule, asStream) }
      if rule.effect == .eventStream { asStream = true } else { sessions = [:] }
    }
    return (nil, asStream)
  }

  /// What a request does before any fault shows.
  enum Performance {
    case now(RPCReply)
    case later(Duration, RPCReply)
    case listen
  }

  private func deliver(
    _ performance: Performance, of request: AdmittedRequest, fault: FaultRule?, asStream: Bool,
    to exit: Exit
  ) {
    var wait = Duration.zero
    let reply: RPCReply
    switch performance {
    case .listen where fault == nil: return listen(request, to: exit)
    case .listen: reply = RPCReply(id: request.id, result: .emptyObject)
    case .now(let ready): reply = ready
    case .later(let time, let ready): (wait, reply) = (time, ready)
    }
    if let latency = plan.latency { wait += latency.draw(using: &random) }
    let answer = FaultyAnswer(
      reply: reply, fault: fault, asStream: asStream, id: request.id, era: request.era)
    guard wait > .zero else { return send(answer, to: exit) }
    hold(answer, for: wait, to: exit)
  }

  private func hold(_ answer: FaultyAnswer, for wait: Duration, to exit: Exit) {
    let token = loop.schedule(at: loop.now + wait) {
      self.assumeIsolated { server in
        if case .line = exit { server.heldLines[answer.id] = nil }
        server.send(answer, to: exit)
      }
    }
    switch exit {
    case .line: heldLines[answer.id] = token
    case .http(let responder):
      // Leaving cancels in the modern era; in the handshake era it does not.
      guard answer.era == .modern else { return }
      responder.onLeave {
        self.assumeIsolated { server in
          server.loop.cancel(token)
          server.counters.cancellations += 1
        }
      }
    }
  }

  func receive(notification method: String, _ params: JSONView?) {
    counters.notifications += 1
    guard method == MCPMethod.cancelled else { return }
    counters.cancellations += 1
    guard let id = params?.member("requestId")?.json else { return }
    if let token = heldLines.removeValue(forKey: id) { loop.cancel(token) }
    audience.removeAll { $0.subscription == id }
  }

  // MARK: Methods

  private func perform(_ request: AdmittedRequest) -> Performance {
    if request.era == .handshake, let refusal = checkSession(request) { return .now(refusal) }
    func unknownMethod() -> Performance {
      .now(
        RPCReply(
          id: request.id, RPCCode.methodNotFound, "Method not found: \(request.method)",
          status: request.era == .modern ? 404 : 200))
    }
    func result(_ json: JSONText) -> Performance { .now(RPCReply(id: request.id, result: json)) }
    switch (request.method, request.era) {
    case (MCPMethod.callTool, _): return call(request)
    case (MCPMethod.listTools, _):
      counters.lists += 1
      return result(
        shelf.list(
          era: request.era, revision: plan.toolsRevision, isHostile: plan.isHostile))
    case (MCPMethod.discover, .modern): return result(discovery())
    case (Self.listenMethod, .modern): return .listen
    case (MCPMethod.initialize, .handshake): return .now(initialize(request))
    case (MCPMethod.ping, .handshake): return result(.emptyObject)
    default: return unknownMethod()
    }
  }

  static let listenMethod = "subscriptions/listen"

  private func call(_ request: AdmittedRequest) -> Performance {
    guard let name = request.params?.member("name")?.string else {
      return .now(
        RPCReply(id: request.id, RPCCode.invalidParams, "name: give a tool", status: 400))
    }
    let toolRequest = ToolShelf.Request(
      name: name, arguments: request.params?.member("arguments"),
      meta: request.params?.member("_meta"),
      inputResponses: request.params?.member("inputResponses"), era: request.era,
      version: request.session.flatMap { sessions[$0]?.version } ?? request.version)
    let result = shelf.run(
      toolRequest, revision: plan.toolsRevision, isHostile: plan.isHostile, counters: &counters)
    switch result {
    case .now(let json): return .now(RPCReply(id: request.id, result: json))
    case .later(let time, let json): return .later(time, RPCReply(id: request.id, result: json))
    case .error(let error):
      return .now(
        RPCReply(id: request.id, error: error, status: request.era == .modern ? 400 : 200))
    }
  }

  private func checkSession(_ request: AdmittedRequest) -> RPCReply? {
    guard let session = request.session, sessions[session] == nil else { return nil }
    return RPCReply(id: request.id, RPCCode.invalidRequest, "Session not found", status: 404)
  }

  private func discovery() -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("supportedVersions", array: { $0.value(ProtocolVersion.modern[0]) })
      $0.member("capabilities", object: Self.writeCapabilities)
      $0.member("ttlMs", 60_000)
      $0.member("cacheScope", "public")
    }
    return shelf.close(writer.bytes, .modern)
  }

  private static func writeCapabilities(_ writer: inout JSONWriter) {
    writer.member("tools", object: { $0.member("listChanged", true) })
  }

  private func initialize(_ request: AdmittedRequest) -> RPCReply {
    counters.initializations += 1
    let asked = request.params?.member("protocolVersion")?.string ?? ""
    let version =
      ProtocolVersion.handshake.contains(asked) ? asked : ProtocolVersion.handshake[0]
    var writer = JSONWriter()
    writer.object {
      $0.member("protocolVersion", version)
      $0.member("capabilities", object: Self.writeCapabilities)
      $0.member(
        "serverInfo",
        object: {
          $0.member("name", options.name)
          $0.member("version", "1.0.0")
        })
    }
    guard channel == nil else { return RPCReply(id: request.id, result: writer.json) }
    guard sessions.count < Self.sessionLimit else {
      return RPCReply(
        id: request.id, RPCCode.internalError, "Too many sessions", status: 503)
    }
    let id = String(random.next(), radix: 16) + String(random.next(), radix: 16)
    sessions[id] = Session(id: id, version: version)
    var reply = RPCReply(id: request.id, result: writer.json)
    reply.headers = [(MCPHeaders.session, id)]
    return reply
  }
}
