import Engine
import FleetModel
import Wire

/// Tool lists and liveness.
extension HTTPUpstream {
  func listTools(on connection: ConnectionID) async throws(Failure) -> ToolList {
    guard let session = session(of: connection) else { throw Self.notOpen }
    return try await listTools(in: session)
  }

  func listTools(in session: Session) async throws(Failure) -> ToolList {
    let isModern = session.dialect.era == .modern
    let pages = try await ToolPages.all(readsHeaders: isModern) { params in
      await self.reply(
        to: HTTPQuestion(
          id: self.ids.next(), method: MCPMethod.listTools, params: params,
          dialect: session.dialect, session: session.id))
    }
    if isModern {
      parameterHeaders = Dictionary(
        pages.listing.tools.filter { !$0.parameterHeaders.isEmpty }
          .map { ($0.name, $0.parameterHeaders) }, uniquingKeysWith: { first, _ in first })
      tellDropped(pages.dropped)
    }
    return pages.list
  }

  private func tellDropped(_ dropped: [(name: String, reason: String)]) {
    let names = dropped.map(\.name)
    guard names != droppedTools else { return }
    droppedTools = names
    for tool in dropped {
      events.send(.note(server.id, .warning, "tool \(tool.name) is left out: \(tool.reason)"))
    }
  }

  /// Whether the server lives; sessions of the pool are only pinged, never opened.
  func check(knownEra: ConnectionInfo?, connection: ConnectionID?) async throws(Failure) {
    if hasHealthPage, try await checkHealthPage() { return }
    if let connection, let session = session(of: connection) { return try await ping(session) }
    let (session, info) = try await settle(knownEra: knownEra)
    // A known modern server is settled without a word.
    if info == knownEra, info.era == .modern { return try await ping(session) }
    await end(session)
  }

  private func ping(_ session: Session) async throws(Failure) {
    let method = session.dialect.era == .modern ? MCPMethod.discover : MCPMethod.ping
    let question = HTTPQuestion(
      id: ids.next(), method: method, dialect: session.dialect, session: session.id)
    try Liveness.judge(await reply(to: question))
  }

  /// - Returns: false when the server has no such page; that is remembered.
  private func checkHealthPage() async throws(Failure) -> Bool {
    guard let origin = CurlOrigin(url: url) else { return false }
    var request = request(.get, headers: [])
    request.url = "\(origin.scheme)://\(origin.host):\(origin.port)/health"
    let response = try await curl.send(request)
    if case .stream(let stream) = response.body { await stream.cancel() }
    switch response.status {
    case 200..<300: return true
    case 429, 500...: throw Classification.failure(status: response.status, detail: "/health")
    default:
      hasHealthPage = false
      return false
    }
  }
}

/// What an answer says about a server's life.
enum Liveness {
  /// - Throws: when the reply is no sign of life.
  static func judge(_ reply: Reply) throws(Failure) {
    switch reply {
    // Even a refusal is said by somebody.
    case .success, .toolError: return
    case .protocolError(let error):
      guard let status = error.httpStatus, status >= 500 else { return }
      throw Classification.failure(status: status, detail: error.message)
    case .failure(let failure): throw failure
    }
  }
}

/// Reads a tool list page by page.
struct ToolPages {
  static let pageLimit = 100

  private(set) var listing = ToolListing()
  private(set) var dropped: [(name: String, reason: String)] = []

  /// - Parameter ask: sends `tools/list` with these params.
  /// - Throws: when a page fails, when a cursor comes twice, and after `pageLimit` pages.
  nonisolated(nonsending) static func all(
    readsHeaders: Bool, _ ask: (JSONText) async -> Reply
  ) async throws(Failure) -> ToolPages {
    var pages = ToolPages()
    var cursor: String?
    var seen: Set<String> = []
    for _ in 0..<pageLimit {
      guard let page = try Self.page(await ask(MCPMessages.page(after: cursor)), readsHeaders)
      else { return pages }
      pages.listing.append(page)
      pages.dropped += page.droppedTools
      guard let next = page.nextCursor else { return pages }
      guard seen.insert(next).inserted else {
        throw Classification.malformed("the pages of tools/list go round in a circle")
      }
      cursor = next
    }
    throw Classification.malformed("tools/list has more than \(pageLimit) pages")
  }

  /// Nil when the server has no tools at all.
  private static func page(
    _ reply: Reply, _ readsHeaders: Bool
  ) throws(Failure) -> ToolPage? {
    switch reply {
    case .success(let result), .toolError(let result):
      return try ToolPage(JSONView(trusted: result), readsHeaders: readsHeaders)
    case .protocolError(let error) where error.code == RPCCode.methodNotFound: return nil
    case .protocolError(let error):
      throw Failure(
        .malformedAnswer, "tools/list was refused: \(error.message) (\(error.code))",
        delivery: .refused)
    case .failure(let failure): throw failure
    }
  }

  var list: ToolList {
    ToolList(
      tools: listing.tools.map {
        ToolList.Tool(
          name: $0.name, description: $0.description, isReadOnly: $0.isReadOnly,
          isIdempotent: $0.isIdempotent)
      }, result: listing.result, timeToLive: listing.timeToLive)
  }
}
