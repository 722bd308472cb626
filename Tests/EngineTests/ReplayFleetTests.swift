import Engine
import FleetModel
import Testing

@Suite struct `A letter whose server has another name here` {
  private static func bridge(_ name: String, client: String) -> ServerDefinition {
    ServerDefinition(
      id: ServerID(name),
      endpoint: .bridge(
        BridgeEndpoint(
          baseURL: "http://localhost:8000", clientID: client,
          target: .remote(transport: "http", url: "http://\(name)/mcp"))))
  }

  private static func fleet(_ servers: [ServerDefinition]) -> FleetMachine {
    FleetMachine(
      engine: EngineIdentity(name: "test", version: "0", startedAt: FleetBench.epoch),
      servers: servers)
  }

  private static func letter(
    _ endpoint: String, server: String = "localhost", client: String = "client-1"
  ) -> DeadLetter {
    var letter = ReplayBench.letter(1, server: ServerID(server))
    letter.endpoint = endpoint
    letter.client = client
    return letter
  }

  @Test func `is for the server with the same URL, credentials and last slash aside`() {
    let fleet = Self.fleet([
      ServerDefinition(
        id: ServerID("a"), endpoint: .http(url: "http://u:p@h/mcp/?key=1", headers: [])),
      ServerDefinition(id: ServerID("b"), endpoint: .http(url: "http://h/other", headers: [])),
    ])
    for address in ["http://…@h/mcp", "http://h/mcp/"] {
      #expect(fleet.server(for: Self.letter(address)) == ServerID("a"))
    }
    #expect(fleet.server(for: Self.letter("http://h/")) == nil)
    #expect(fleet.server(for: Self.letter("")) == nil)
  }

  @Test func `is for nobody where two have the address`() {
    let endpoint = Endpoint.http(url: "http://h/mcp", headers: [])
    let fleet = Self.fleet(
      ["a", "b"].map { ServerDefinition(id: ServerID($0), endpoint: endpoint) })
    #expect(fleet.server(for: Self.letter("http://h/mcp")) == nil)
  }

  @Test func `is not for whoever runs the same program`() {
    let fleet = Self.fleet([
      ServerDefinition(
        id: ServerID("a"),
        endpoint: .stdio(
          command: "npx", arguments: ["other"], environment: [], workingDirectory: nil))
    ])
    #expect(fleet.server(for: Self.letter("npx", server: "gone")) == nil)
  }

  @Test func `is for the one server of its bridge, or for the one that its client names`() {
    let route = "http://localhost:8000/api/call_tool"
    let one = Self.fleet([Self.bridge("a", client: "other")])
    #expect(one.server(for: Self.letter(route)) == ServerID("a"))
    #expect(
      one.server(for: Self.letter("http://localhost:8000", server: "gone", client: "mcpdash"))
        == nil, "our own letters name the server they are for")
    let two = Self.fleet([
      Self.bridge("a", client: "client-1"), Self.bridge("b", client: "client-2"),
    ])
    #expect(two.server(for: Self.letter(route, client: "client-2")) == ServerID("b"))
    #expect(two.server(for: Self.letter(route, client: "client-3")) == nil)
  }
}
