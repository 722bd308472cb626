import FleetModel
import Testing

@testable import CLI

/// Several endpoints of one server.
struct EndpointConfigurationTests {
  private func load(_ entry: String, rest: String = "") -> Configuration {
    ConfigurationBench.load(
      "{servers: {a: \(entry)}\(rest)}", environment: ["REGION": "eu-1", "TOKEN": "t1"])
  }

  private func server(_ entry: String, rest: String = "") throws -> ServerDefinition {
    let configuration = load(entry, rest: rest)
    #expect(configuration.errorTexts == [])
    #expect(configuration.warningTexts == [])
    return try #require(configuration.servers.first)
  }

  private static let three = """
    {endpoints: [
      {url: 'https://c.example/mcp', priority: 1, locality: 'eu-1'},
      {url: 'https://b.example/mcp', name: 'backup', locality: 'us-1'},
      {url: 'https://a.example:8443/mcp', locality: '${REGION}', headers: {K: '${TOKEN}'}},
    ]}
    """

  @Test func `priority comes first, then the fleet's own place, then the order of the file`() throws
  {
    let names = ["a.example:8443", "backup", "c.example:443"]
    let local = try server(Self.three, rest: ", locality: '${REGION}'")
    #expect(local.choices.map(\.name) == names)
    #expect(local.endpoint == local.choices.first?.endpoint)
    #expect(
      local.endpoint
        == .open(
          url: "https://a.example:8443/mcp", headers: [HeaderField(name: "K", value: "t1")]))
    #expect(local.choices.map(\.locality) == ["eu-1", "us-1", "eu-1"])
    #expect(local.choices.map(\.priority) == [0, 0, 1])
    let anywhere = try server(Self.three)
    #expect(anywhere.choices.map(\.name) == ["backup", "a.example:8443", "c.example:443"])
  }

  @Test func `an entry's own url is the first of its endpoints`() throws {
    let server = try server(
      "{url: 'http://x/mcp', endpoints: [{url: 'http://y/mcp'}, {command: '/opt/bin/z', args: ['-v']}]}"
    )
    #expect(server.choices.map(\.name) == ["x:80", "y:80", "z"])
    #expect(server.policies.pool.openLimit == 1)
  }

  @Test func `one endpoint alone is no choice`() throws {
    let server = try server("{endpoints: [{url: 'http://x/mcp'}]}")
    #expect(server.endpoint == .open(url: "http://x/mcp"))
    #expect(server.choices.isEmpty)
  }

  @Test func `names that nobody wrote are distinct and without secrets`() throws {
    let server = try server(
      """
      {endpoints: [
        {url: 'http://u:p@x/a?k=secret'}, {url: 'http://x/secret'}, {url: 'HTTP://[::1]/'},
        {url: 'https://[::1]:9/'}, {command: 'bin/run', env: {S: 'secret'}}, {command: 'run'},
        {url: 'http://y/', name: 'x:80 (3)'}, {url: 'http://x#secret'},
      ]}
      """)
    #expect(
      server.choices.map(\.name) == [
        "x:80", "x:80 (2)", "[::1]:80", "[::1]:9", "run", "run (2)", "x:80 (3)", "x:80 (4)",
      ])
  }

  @Test func `each endpoint has a transport of its own`() {
    let configuration = load("{endpoints: [{url: 'http://x/sse'}, {url: 'http://y/mcp'}]}")
    #expect(
      configuration.servers.first?.choices.map(\.endpoint) == [
        .open(url: "http://x/sse", style: .sse),
        .open(url: "http://y/mcp"),
      ])
  }

  @Test(arguments: [
    (
      "{endpoints: []}", "endpoints",
      "must be an array such as [{url: \"https://a.example/mcp\"}] that is not empty"
    ),
    (
      "{endpoints: {}}", "endpoints",
      "must be an array such as [{url: \"https://a.example/mcp\"}] that is not empty"
    ),
    (
      "{endpoints: [5]}", "endpoints[0]", "must be an object with command or url, not a number"
    ),
    (
      "{endpoints: [{name: 'x'}]}", "endpoints[0]",
      "has neither command nor url; write command for a program, url for HTTP"
    ),
    (
      "{endpoints: [{url: 'http://x/', priorty: 1}]}", "endpoints[0].priorty",
      "unknown key 'priorty'; did you mean 'priority'?"
    ),
    (
      "{endpoints: [{url: 'http://x/', priority: 1001}]}", "endpoints[0].priority",
      "1001 is not a whole number from 0 to 1000"
    ),
    (
      "{endpoints: [{url: 'http://x/', priority: -1}]}", "endpoints[0].priority",
      "-1 is not a whole number from 0 to 1000"
    ),
    (
      "{endpoints: [{url: 'http://x/', name: ''}]}", "endpoints[0].name",
      "must be text of 1 to 80 characters without control characters"
    ),
    (
      "{endpoints: [{url: 'http://x/', locality: 'a\\n'}]}", "endpoints[0].locality",
      "must be text of 1 to 80 characters without control characters"
    ),
    (
      "{endpoints: [{url: 'http://x/', name: 'n'}, {url: 'http://y/', name: 'n'}]}",
      "endpoints[1].name", "'n' is the name of another endpoint; choose another"
    ),
    (
      "{headers: {K: 'v'}, endpoints: [{url: 'http://x/'}]}", "headers",
      "belongs to a url or a command; write it in each of endpoints"
    ),
    (
      "{endpoints: [{url: 'http://x/'}, {url: 'ftp://x/'}]}", "endpoints[1].url",
      "'ftp://x/' is no HTTP address; write http://…, https://… or unix:///…"
    ),
    (
      "{url: 'http://x/', endpionts: []}", "endpionts",
      "unknown key 'endpionts'; did you mean 'endpoints'?"
    ),
  ])
  func `an endpoint that is wrong leaves its server out`(
    entry: String, path: String, message: String
  ) {
    let configuration = load(entry, rest: "")
    #expect(configuration.servers.isEmpty)
    #expect(configuration.errors.map(\.path) == ["servers.a." + path])
    #expect(configuration.errors.map(\.message) == [message])
  }

  @Test func `endpoints end at their limit`() {
    func list(_ count: Int) -> String {
      "{endpoints: [" + (0..<count).map { "{url: 'http://h\($0)/'}" }.joined(separator: ",") + "]}"
    }
    #expect(load(list(EndpointListReader.limit)).errorTexts == [])
    #expect(load(list(EndpointListReader.limit + 1)).errors.count == 1)
  }

  @Test func `lists of servers count their other endpoints and show no secret`() {
    let configuration = load(
      "{endpoints: [{url: 'http://u:p@x/?k=s', headers: {K: 'hunter2'}}, {url: 'http://y/'}]}")
    let text = ServerListText.configured(configuration, columns: 60, ink: Ink(isOn: false))
    #expect(text.contains("\na       http       http://…@x/ and 1 more"))
    let json = ConfigurationText.serversJSON(configuration)
    #expect(
      json.contains(
        #""endpoints":[{"name":"x:80","transport":"http","address":"http://…@x/","priority":0,"#
          + #""locality":null},"#))
    #expect(!json.contains("hunter2") && !json.contains("u:p") && !json.contains("k=s"))
  }
}
