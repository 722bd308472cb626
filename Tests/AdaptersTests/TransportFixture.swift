import Adapters
import Engine
import FleetModel
import Synchronization
import Testing
import Wire

/// A request as a scripted server saw it.
struct SeenRequest: Sendable {
  var httpMethod: String
  var path: String
  /// Names in lower case.
  var headers: [String: String]
  var body: String
  /// Of the JSON-RPC message.
  var method: String
  var id: String?

  init(_ request: HTTPRequest) {
    httpMethod = request.method
    path = String(request.path)
    headers = Dictionary(
      request.headers.map { ($0.name.lowercased(), $0.value) },
      uniquingKeysWith: { first, _ in first })
    body = String(decoding: request.body, as: UTF8.self)
    let view = JSONView(trusted: JSONText(unchecked: request.body))
    method = view.member("method")?.string ?? ""
    id = view.member("id")?.json.text
  }

  func result(_ json: String) -> [UInt8] {
    Array(#"{"jsonrpc":"2.0","id":\#(id ?? "null"),"result":\#(json)}"#.utf8)
  }

  func error(_ code: Int, _ message: String = "no", data: String = "{}") -> [UInt8] {
    let error = #"{"code":\#(code),"message":"\#(message)","data":\#(data)}"#
    return Array(#"{"jsonrpc":"2.0","id":\#(id ?? "null"),"error":\#(error)}"#.utf8)
  }
}

extension HTTPResponder {
  func json(_ body: [UInt8], status: Int = 200, headers: Headers = []) {
    respond(
      status: status, headers: [("Content-Type", "application/json")] + headers, body: body)
  }

  func eventStream() {
    startStream(status: 200, headers: [("Content-Type", "text/event-stream")])
  }

  func event(_ data: [UInt8], id: String? = nil) {
    var text = id.map { "id: \($0)\n" } ?? ""
    text += "data: \(String(decoding: data, as: UTF8.self))\n\n"
    write(Array(text.utf8))
  }
}

/// A transport with a scripted HTTP server, on a loop of their own.
struct TransportFixture: Sendable {
  typealias Script = @Sendable (SeenRequest, HTTPResponder) -> Void

  let transport: MCPTransport
  let loop: EventLoop
  let url: String
  let port: UInt16
  let seen: Record<SeenRequest>
  let events: Record<TransportEvent>

  /// What came, in order; readable while more comes.
  final class Record<Element: Sendable>: Sendable {
    private let items = Mutex<[Element]>([])
    var all: [Element] { items.withLock { $0 } }
    func add(_ item: Element) { items.withLock { $0.append(item) } }
  }

  static func with(
    _ script: @escaping Script, _ body: (TransportFixture) async throws -> Void
  ) async throws {
    try await withEventLoop { loop in
      let seen = Record<SeenRequest>()
      let server = HTTPServer(loop: loop) { request, responder in
        let request = SeenRequest(request)
        seen.add(request)
        script(request, responder)
      }
      let port = try server.listenTCP(port: 0).port
      let fixture = TransportFixture(loop: loop, port: port, seen: seen)
      try await body(fixture)
      await fixture.transport.shutdown()
      await server.stop(grace: .zero)
    }
  }

  /// Without an HTTP server.
  static func withoutServer(_ body: (TransportFixture) async throws -> Void) async throws {
    try await withEventLoop { loop in
      let fixture = TransportFixture(loop: loop, port: 0, seen: Record())
      try await body(fixture)
      await fixture.transport.shutdown()
    }
  }

  private init(loop: EventLoop, port: UInt16, seen: Record<SeenRequest>) {
    self.loop = loop
    self.port = port
    self.seen = seen
    url = "http://127.0.0.1:\(port)/mcp"
    transport = MCPTransport(loop: loop, client: ClientIdentity(name: "mcpdash", version: "1"))
    let events = Record<TransportEvent>()
    self.events = events
    transport.onEvent { events.add($0) }
  }

  static let modern = ConnectionInfo(era: .modern, protocolVersion: "2026-07-28")
  static let handshake = ConnectionInfo(era: .handshake, protocolVersion: "2025-11-25")
  static let connection = ConnectionID(number: 1)

  var server: ServerDefinition { server(url: url) }

  /// Does not listen for changes: most tests count requests.
  func server(url: String, headers: [HeaderField] = []) -> ServerDefinition {
    server(.http(url: url, headers: headers)) { $0.listens = false }
  }

  func server(
    _ endpoint: Endpoint, _ session: (inout SessionPolicy) -> Void = { _ in }
  ) -> ServerDefinition {
    var server = ServerDefinition(id: ServerID("s"), endpoint: endpoint)
    session(&server.policies.session)
    return server
  }

  /// The scripted server, with the default policy and what is changed of it.
  func server(_ session: (inout SessionPolicy) -> Void) -> ServerDefinition {
    server(.http(url: url, headers: []), session)
  }

  @discardableResult
  func open(
    _ server: ServerDefinition? = nil, knownEra: ConnectionInfo? = nil
  ) async throws(Failure) -> ConnectionInfo {
    try await transport.open(Self.connection, to: server ?? self.server, knownEra: knownEra)
  }

  func call(
    _ number: UInt64 = 1, tool: String = "t", arguments: String = "{}"
  ) async -> Exchange {
    let call = Call.tool(
      tool, arguments: JSONText(unchecked: Array(arguments.utf8)), on: ServerID("s"),
      id: CallID(high: 0, low: number), origin: .cli)
    return await transport.exchange(
      call, attempt: AttemptID(number: number), on: Self.connection)
  }

  func methods() -> [String] { seen.all.map { $0.method.isEmpty ? $0.httpMethod : $0.method } }

  /// Waits until the condition holds, by looking after each thing the loop does; fails at the end
  /// of the test's time limit.
  func until(_ condition: @Sendable () -> Bool) async {
    while !condition() { await Task.yield() }
  }
}

/// Scripts that many tests begin with.
enum Script {
  /// A handshake server with the session `S`; other requests are passed on.
  static func handshake(
    _ rest: @escaping TransportFixture.Script
  ) -> TransportFixture.Script {
    { request, responder in
      switch request.method {
      case "server/discover": responder.respond(status: 400, headers: [("Mcp-Session-Id", "BAD")])
      case "initialize":
        responder.json(
          request.result(
            #"{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"old","version":"7"}}"#
          ),
          headers: [("Mcp-Session-Id", "S")])
      case "notifications/initialized": responder.respond(status: 202)
      default:
        if request.httpMethod == "DELETE" { return responder.respond(status: 200) }
        rest(request, responder)
      }
    }
  }
}

extension Exchange {
  var failure: Failure? {
    if case .failure(let failure) = reply { failure } else { nil }
  }

  var result: String? {
    if case .success(let json) = reply { json.text } else { nil }
  }
}
