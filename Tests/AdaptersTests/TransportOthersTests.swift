import Engine
import FleetModel
import Foundation
import Testing
import Wire

@testable import Adapters

extension TransportFixture {
  fileprivate func echo(_ text: String) async -> Exchange {
    await call(UInt64.random(in: 1...1 << 40), tool: "echo", arguments: #"{"text":"\#(text)"}"#)
  }

  fileprivate func definition(_ url: String, _ style: HTTPEndpoint.Style) -> ServerDefinition {
    ServerDefinition(
      id: ServerID("s"), endpoint: .http(HTTPEndpoint(url: url, style: style)))
  }
}

/// Servers that this project did not write, over the transports that are not streamable HTTP.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `A server of others` {
  static let libraries = [("mcp1", "handshake"), ("mcp2", "current"), ("fastmcp", "current")]

  @Test(arguments: libraries, [HTTPEndpoint.Style.sse, .streamable])
  func `speaks HTTP with SSE, said or found out`(
    library: (name: String, environment: String), style: HTTPEndpoint.Style
  ) async throws {
    try await TransportFixture.withoutServer { fixture in
      let port = try await PythonServer.freePort(on: fixture.loop)
      let server = try await PythonServer.start(
        "mode_server.py", [library.name, "sse", String(port)],
        with: .environment(library.environment), on: fixture.loop)
      let definition = fixture.definition("http://127.0.0.1:\(port)/sse", style)
      let info = try await fixture.open(definition)
      #expect(info.transport == .sse)
      #expect(info.serverName == "mode-fixture")
      #expect(info.protocolVersion == "2025-11-25")
      let tools = try await fixture.transport.listTools(on: TransportFixture.connection)
      #expect(tools.tools.map(\.name).contains("echo"))
      #expect(await fixture.echo("hello").result?.contains("hello") == true)
      #expect(await fixture.call(5, tool: "slow", arguments: #"{"steps":1}"#).result != nil)
      #expect(
        fixture.events.all.contains {
          if case .progress(AttemptID(number: 5), let progress) = $0 {
            return progress.message == "step 1"
          }
          return false
        })
      try await fixture.transport.check(
        definition, knownEra: info, connection: TransportFixture.connection)
      await server.stop()
      let last = await fixture.echo("gone")
      #expect(last.failure != nil)
      #expect(last.closesConnection)
    }
  }

  @Test(arguments: [HTTPEndpoint.Style.streamable, .sse])
  func `is reached through a Unix socket`(style: HTTPEndpoint.Style) async throws {
    try await TransportFixture.withoutServer { fixture in
      let directory = TemporaryDirectory()
      let socket = directory.file("mcp.sock")
      let server = try await PythonServer.start(
        "unix_server.py", [socket, style == .sse ? "sse" : "http"], with: .environment("current"),
        on: fixture.loop)
      let path = style == .sse ? "/sse" : "/mcp"
      let info = try await fixture.open(fixture.definition("unix://\(socket)#\(path)", style))
      #expect(info.serverName == "unix-fixture")
      #expect(await fixture.echo("hello").result?.contains("hello") == true)
      await server.stop()
    }
  }
}

/// Real fastmcp clients behind the documented REST interface, with a real server behind them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `Through a bridge of fastmcp clients` {
  private struct Stage {
    var fixture: TransportFixture
    var definition: ServerDefinition
    var bridge: PythonServer
    var port: UInt16

    static func with(
      _ target: (TransportFixture) async throws -> (BridgeEndpoint.Target, PythonServer?),
      _ body: (inout Stage) async throws -> Void
    ) async throws {
      try await TransportFixture.withoutServer { fixture in
        let (target, server) = try await target(fixture)
        let port = try await PythonServer.freePort(on: fixture.loop)
        let endpoint = BridgeEndpoint(
          baseURL: "http://127.0.0.1:\(port)", clientID: "mcpdash-test", target: target)
        var stage = Stage(
          fixture: fixture,
          definition: ServerDefinition(id: ServerID("s"), endpoint: .bridge(endpoint)),
          bridge: try await start(port, fixture), port: port)
        try await body(&stage)
        await fixture.transport.close(TransportFixture.connection)
        await stage.bridge.stop()
        await server?.stop()
      }
    }

    private static func start(
      _ port: UInt16, _ fixture: TransportFixture
    ) async throws -> PythonServer {
      try await PythonServer.start(
        "bridge.py", [String(port)], with: .environment("current"), on: fixture.loop)
    }

    mutating func restart() async throws {
      await bridge.stop()
      bridge = try await Self.start(port, fixture)
    }

    func fault(_ json: String) async throws {
      let client = CurlClient(loop: fixture.loop)
      _ = try await client.send(
        CurlRequest(
          method: .post, url: "http://127.0.0.1:\(port)/fault", body: Array(json.utf8)))
      await client.shutdown()
    }
  }

  private static func child(
    _: TransportFixture
  ) async throws -> (BridgeEndpoint.Target, PythonServer?) {
    let script = PythonServer.root.appending(path: "Tests/EndToEndTests/Servers/mode_server.py")
    return (
      .stdio(
        command: PythonServer.Interpreter.environment("current").path,
        arguments: [script.path, "fastmcp", "stdio"], environment: []), nil
    )
  }

  private static func remote(
    _ fixture: TransportFixture
  ) async throws -> (BridgeEndpoint.Target, PythonServer?) {
    let port = try await PythonServer.freePort(on: fixture.loop)
    let server = try await PythonServer.start(
      "mode_server.py", ["fastmcp", "stateless-json", String(port)],
      with: .environment("current"), on: fixture.loop)
    return (.remote(transport: "http", url: "http://127.0.0.1:\(port)/mcp"), server)
  }

  @Test func `a server over HTTP is listed and called`() async throws {
    try await Stage.with(Self.remote) { stage in
      let fixture = stage.fixture
      try await fixture.open(stage.definition)
      let tools = try await fixture.transport.listTools(on: TransportFixture.connection)
      #expect(tools.tools.map(\.name).contains("echo"))
      #expect(await fixture.echo("hello").result?.contains("hello") == true)
      try await fixture.transport.check(stage.definition, knownEra: nil, connection: nil)
    }
  }

  @Test func `a child is called; its failure, the bridge's error and a restart differ`()
    async throws
  {
    try await Stage.with(Self.child) { stage in
      let fixture = stage.fixture
      try await fixture.open(stage.definition)
      #expect(await fixture.echo("hello").result?.contains("hello") == true)

      guard case .toolError(let said) = await fixture.call(2, tool: "nothing").reply else {
        Issue.record("an unknown tool is the tool's own failure")
        return
      }
      #expect(said.text.contains("nothing"))

      try await stage.fault(#"{"fail": 503, "times": 1, "health": "starting"}"#)
      let error = await fixture.echo("again")
      #expect(error.failure?.kind == .httpStatus(503))
      #expect(error.failure?.message.contains("a fault, as asked") == true)
      let illness = await #expect(throws: Failure.self) {
        try await fixture.transport.check(stage.definition, knownEra: nil, connection: nil)
      }
      #expect(illness?.message.contains("starting") == true)

      try await stage.restart()
      let forgotten = await fixture.echo("who am I")
      #expect(forgotten.failure?.kind == .sessionLost)
      #expect(forgotten.failure?.delivery == .refused)
      await fixture.transport.close(TransportFixture.connection)
      try await fixture.open(stage.definition)
      #expect(await fixture.echo("back").result?.contains("back") == true)
    }
  }

  @Test func `nothing is connected where the server cannot be reached`() async throws {
    try await Stage.with({ _ in
      (.remote(transport: "sse", url: "http://127.0.0.1:1/sse"), nil)
    }) { stage in
      let failure = await #expect(throws: Failure.self) {
        try await stage.fixture.open(stage.definition)
      }
      #expect(failure?.kind == .notConnected)
      #expect(failure?.message.hasPrefix("the bridge could not connect") == true)
    }
  }
}
