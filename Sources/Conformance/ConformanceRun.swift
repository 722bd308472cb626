import Adapters
import Engine
import FleetModel
import Wire

/// Performs a scenario through the project's own client: connects, lists what there is, and uses
/// all of it.
///
/// The suite's servers each offer just what their scenario is about, so one way through fits all.
struct ConformanceRun {
  private static let connection = ConnectionID(number: 1)
  /// A server of the suite that offers more is none of the suite.
  private static let useLimit = 20

  let task: ConformanceTask
  let loop: EventLoop

  func perform() async throws(Failure) {
    let transport = MCPTransport(
      loop: loop, client: ClientIdentity(name: "mcpdash-conformance", version: "1.0.0"),
      person: ConsentingPerson(loop: loop).person)
    transport.onEvent { _ in }
    do throws(Failure) {
      _ = try await transport.open(Self.connection, to: server, knownEra: era)
      try await useTools(transport)
      try await useEach("resources/list", "resources", "uri", "resources/read", transport)
      try await useEach("prompts/list", "prompts", "name", "prompts/get", transport)
    } catch {
      await transport.shutdown()
      throw error
    }
    await transport.close(Self.connection)
    await transport.shutdown()
  }

  private var server: ServerDefinition {
    var policies = Policies()
    policies.session.inputAnswer = .defaults
    return ServerDefinition(
      id: ServerID("conformance"),
      endpoint: .http(HTTPEndpoint(url: task.url, authorization: authorization)),
      policies: policies)
  }

  private var authorization: Authorization {
    task.scenario.hasPrefix("auth/client-credentials")
      ? .clientCredentials(task.client) : .oauth(task.client)
  }

  /// The suite says in which era to speak; a modern server is still asked what it speaks.
  private var era: ConnectionInfo? {
    task.isModern
      ? nil : ConnectionInfo(era: .handshake, protocolVersion: task.version)
  }

  // MARK: What the server offers

  private func useTools(_ transport: MCPTransport) async throws(Failure) {
    let list = try await transport.listTools(on: Self.connection)
    let tools = JSONView(trusted: list.result).member("tools")
    var schemas: [String: JSONView] = [:]
    for tool in tools?.elements.map({ $0 }) ?? [] {
      if let name = tool.member("name")?.string { schemas[name] = tool.member("inputSchema") }
    }
    let calls =
      task.toolCalls.isEmpty
      ? list.tools.map {
        ConformanceTask.ToolCall(
          name: $0.name, arguments: SampleArguments.object(for: schemas[$0.name]))
      } : task.toolCalls
    for (number, call) in calls.prefix(Self.useLimit).enumerated() {
      var params = JSONWriter()
      params.object {
        $0.member("name", call.name)
        $0.member("arguments", call.arguments)
      }
      try await ask("tools/call", call.name, params.json, number: 100 + number, transport)
    }
  }

  /// Lists one kind of thing and asks for each; a server without that kind refuses, which is fine.
  private func useEach(
    _ list: String, _ member: String, _ key: String, _ method: String, _ transport: MCPTransport
  ) async throws(Failure) {
    // A server about something else may answer a foreign list with anything.
    guard task.scenario.hasPrefix("http-") else { return }
    let reply = try await ask(list, nil, .emptyObject, number: list.utf8.count, transport)
    guard case .success(let result) = reply else { return }
    let things = JSONView(trusted: result).member(member)?.elements.map { $0 } ?? []
    for (number, thing) in things.prefix(Self.useLimit).enumerated() {
      guard let name = thing.member(key)?.string else { continue }
      var params = JSONWriter()
      params.object { $0.member(key, name) }
      try await ask(method, name, params.json, number: 200 + number, transport)
    }
  }

  /// - Throws: when there is no answer at all; a refusal is an answer.
  @discardableResult
  private func ask(
    _ method: String, _ target: String?, _ params: JSONText, number: Int,
    _ transport: MCPTransport
  ) async throws(Failure) -> Reply {
    var random = SystemRandomNumberGenerator()
    let call = Call(
      id: CallID(at: loop.wallClock, using: &random), server: server.id, method: method,
      target: target, params: params, origin: .cli)
    let exchange = await transport.exchange(
      call, attempt: AttemptID(number: UInt64(number)), on: Self.connection)
    if case .failure(let failure) = exchange.reply { throw failure }
    return exchange.reply
  }
}
