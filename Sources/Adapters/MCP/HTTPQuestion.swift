import FleetModel
import Wire

/// One JSON-RPC request as an HTTP upstream sends it.
struct HTTPQuestion: Sendable {
  var id: Int
  var method: String
  /// The tool's name and the like.
  var target: String?
  var body: [UInt8]
  /// Nil for `initialize`.
  var dialect: Dialect?
  var session: String?
  var extraHeaders: [HeaderField] = []
  /// The caller's own, in the place of what the configuration says.
  var token: Secret?

  init(
    id: Int, method: String, target: String? = nil, params: JSONText = .emptyObject,
    dialect: Dialect, session: String? = nil, idempotencyKey: CallID? = nil,
    progressToken: Int? = nil
  ) {
    self.id = id
    self.method = method
    self.target = target ?? MCPHeaders.target(of: method, params: params)
    self.dialect = dialect
    self.session = session
    body = dialect.request(
      id: id, method: method, params: params, idempotencyKey: idempotencyKey,
      progressToken: progressToken)
  }

  init(initialize id: Int, client: ClientIdentity) {
    self.id = id
    method = MCPMethod.initialize
    body = MCPMessages.initialize(id: id, client: client)
  }

  var headers: [HeaderField] {
    MCPHeaders.post(method: method, target: target, dialect: dialect, session: session)
      + extraHeaders
  }
}

/// What came back for a question.
struct HTTPReply: Sendable {
  enum Content: Sendable {
    case whole(HTTPAnswer)
    /// A response out of an event stream.
    case event(RPCAnswer)
  }

  var content: Content
  var status: Int
  /// `Mcp-Session-Id` of the answer.
  var session: String?

  func reply(to question: HTTPQuestion) -> Reply {
    switch content {
    case .whole(let answer):
      Classification.reply(to: answer, id: question.id, sentSession: question.session != nil)
    case .event(let answer): Classification.reply(to: answer, httpStatus: status)
    }
  }

  /// For the choice of the era.
  func probeOutcome(of question: HTTPQuestion) -> ProbeOutcome {
    switch content {
    case .event(let answer): return .answered(answer, httpStatus: status)
    case .whole(let answer):
      if case .response(let rpc) = Classification.rpcAnswer(in: answer.body, id: question.id) {
        return .answered(rpc, httpStatus: status)
      }
      if case .failure(let failure) = reply(to: question) {
        return .refused(status: status, failure)
      }
      return .refused(status: status, Classification.failure(status: status))
    }
  }
}
