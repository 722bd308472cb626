import FleetModel
import Testing

@testable import CLI

/// Every way to write how a server is reached.
struct ServerShapeTests {
  private func load(
    _ entry: String, _ environment: [String: String] = ["HOME": "/home/op"],
    files: [String: String] = [:]
  ) -> Configuration {
    let all = files.merging(["/c/m.json5": "{servers: {s: \(entry)}}"]) { first, _ in first }
    return ConfigurationBench(files: all, environment: environment).load(["/c/m.json5"])
  }

  // MARK: - The bridge

  @Test(arguments: [
    (
      "{transport: 'bridge', command: 'c', args: ['x'], env: {A: '1'}}",
      BridgeEndpoint(
        baseURL: "http://localhost:8000", clientID: "s",
        target: .stdio(
          command: "c", arguments: ["x"],
          environment: [EnvironmentVariable(name: "A", value: "1")]))
    ),
    (
      "{type: 'bridge', url: 'http://b:9/', clientId: 'me', mcpUrl: 'http://m/mcp', oauthProvider: 'g'}",
      BridgeEndpoint(
        baseURL: "http://b:9/", clientID: "me",
        target: .remote(transport: "http", url: "http://m/mcp"),
        oauthProvider: "g")
    ),
    (
      "{type: 'bridge', transport: 'sse', mcpUrl: 'http://m/x', headers: {K: 'v'}}",
      BridgeEndpoint(
        baseURL: "http://localhost:8000", headers: [HeaderField(name: "K", value: "v")],
        clientID: "s", target: .remote(transport: "sse", url: "http://m/x"))
    ),
    (
      "{transport: 'bridge', mcpUrl: 'http://m/sse'}",
      BridgeEndpoint(
        baseURL: "http://localhost:8000", clientID: "s",
        target: .remote(transport: "sse", url: "http://m/sse"))
    ),
  ])
  func `a server behind the bridge`(entry: String, endpoint: BridgeEndpoint) {
    let configuration = load(entry)
    #expect(configuration.errorTexts == [])
    #expect(configuration.servers.map(\.endpoint) == [.bridge(endpoint)])
  }

  @Test func `the bridge is where the environment says, unless the entry does`() {
    let environment = ["FASTMCP_BASE_URL": "http://env:1"]
    let entry = "{type: 'bridge', command: 'c'"
    func base(_ entry: String) -> String? {
      load(entry, environment).servers.first?.endpoint.address
    }
    #expect(base(entry + "}") == "http://env:1")
    #expect(base(entry + ", url: 'http://own:2'}") == "http://own:2")
  }

  @Test(arguments: [
    ("{type: 'bridge'}", "has neither mcpUrl nor command; write what the bridge connects to"),
    (
      "{type: 'bridge', command: 'c', mcpUrl: 'http://m'}",
      "has both command and mcpUrl; remove one"
    ),
    (
      "{type: 'bridge', transport: 'stdio', mcpUrl: 'http://m'}",
      "does not fit mcpUrl; write http or sse"
    ),
    ("{type: 'bridge', clientId: '', command: 'c'}", "is empty; name the client"),
    (
      "{type: 'bridge', mcpUrl: 'm'}",
      "'m' is no HTTP address; write http://…, https://… or unix:///…"
    ),
  ])
  func `a bridge that cannot be used is told`(entry: String, message: String) {
    let configuration = load(entry)
    #expect(configuration.errors.map(\.message) == [message])
    #expect(configuration.servers.isEmpty)
  }

  // MARK: - Addresses

  @Test(arguments: [
    "http://h", "http://h:1/", "http://h:65535", "https://u:p@h:8/x?y#z", "http://[::1]",
    "http://[::1]:8000/mcp", "http://[fe80::1%25eth0]:8/", "http://127.0.0.1:80",
    "unix:///run/mcp.sock", "unix:///run/mcp.sock#/mcp", "UNIX:///x",
  ])
  func `a sound address is taken as it is`(url: String) {
    #expect(ServerAddress.fault(inURL: url) == nil)
    guard case .http(let endpoint)? = load("{url: '\(url)'}").servers.first?.endpoint else {
      Issue.record("there is no such server")
      return
    }
    #expect(endpoint.url == url)
  }

  @Test(arguments: [
    ("http://h:0/", "has a port that is not from 1 to 65535"),
    ("http://h:65536/", "has a port that is not from 1 to 65535"),
    ("http://h:/", "has a port that is not from 1 to 65535"),
    ("http://h:8x/", "has a port that is not from 1 to 65535"),
    ("http://[::1]:99999999999999999999/", "has a port that is not from 1 to 65535"),
    ("http://[::1/", "has a '[' without its ']'"),
    ("http://[::g]/", "has no IPv6 address in its brackets"),
    ("http://[1.2.3.4]/", "has no IPv6 address in its brackets"),
    ("http://[]/", "has no IPv6 address in its brackets"),
    ("http://[::1]8/", "has more than a port after its ']'"),
    ("http://::1/", "has an IPv6 address without brackets; write [::1]"),
    ("http://u@:8/", "names no host"), ("http://", "names no host"),
    ("unix:run/x", "names no socket; write unix:///path/of.sock, and #/path for the path in it"),
    ("unix:///", "names no socket; write unix:///path/of.sock, and #/path for the path in it"),
    ("unix:///s#x", "has a path in the server that does not begin with '/'"),
    (
      "unix:///" + String(repeating: "x", count: 107),
      "names a socket with a path of more than 107 bytes"
    ),
    ("pipe:///x", "is no HTTP address; write http://…, https://… or unix:///…"),
  ])
  func `a broken address is an error`(url: String, fault: String) {
    #expect(ServerAddress.fault(inURL: url) == fault)
    #expect(load("{url: '\(url)'}").servers.isEmpty)
  }

  @Test(arguments: [
    ("'50000-50100'", 50_000...50_100), ("'1-1024'", 1...1024), ("'65535'", 65_535...65_535),
  ])
  func `ports say where a server may turn up again`(text: String, range: ClosedRange<Int>) {
    let configuration = load("{url: 'http://localhost:5/mcp', ports: \(text)}")
    #expect(configuration.errorTexts == [])
    let endpoint = Endpoint.open(url: "http://localhost:5/mcp", portRange: range)
    #expect(configuration.servers.map(\.endpoint) == [endpoint])
  }

  @Test(arguments: [
    "'1-1025'", "'0-5'", "'5-4'", "'65000-65536'", "'a-b'", "'1-2-3'", "''", "'-5'", "'5-'", "80",
    "'٣-5'", "'1 - 2'",
  ])
  func `ports that are none are an error`(text: String) {
    let configuration = load("{url: 'http://localhost:5/mcp', ports: \(text)}")
    #expect(configuration.errors.map(\.path) == ["servers.s.ports"])
    #expect(load("{url: 'unix:///s', ports: '1-2'}").errors.map(\.path) == ["servers.s.ports"])
  }

  @Test func `an identity is what is expected to answer`() {
    let digest = String(repeating: "aB", count: 32)
    let configuration = load("{command: 'c', identity: {name: 'pay', tools: '\(digest)'}}")
    #expect(
      configuration.servers.map(\.identity) == [
        ServerIdentity(name: "pay", toolsDigest: digest.lowercased())
      ])
    for broken in ["5", "{}", "{name: 'a'}", "{name: 'a', tools: 'x'}"] {
      let configuration = load("{command: 'c', identity: \(broken)}")
      #expect(configuration.errors.map(\.path) == ["servers.s.identity"])
      #expect(configuration.servers.isEmpty)
    }
  }

  // MARK: - Variables and times

  @Test func `a file of variables counts before what the entry says itself`() {
    let files = ["/c/.env": "A=1\nB=2\nA=3\n", "/home/op/x": "C='q'"]
    let entry = "{command: 'c', envFile: '.env', env: {B: 'own', D: '4'}}"
    #expect(
      load(entry, files: files).servers.first?.endpoint
        == .stdio(
          command: "c", arguments: [],
          environment: [("A", "3"), ("B", "own"), ("D", "4")].map {
            EnvironmentVariable(name: $0.0, value: $0.1)
          }, workingDirectory: nil))
    #expect(load(entry, files: files).companions == ["/c/.env"])
    #expect(load("{command: 'c', envFile: '~/x'}", files: files).errorTexts == [])
  }

  @Test(arguments: [
    ("NO", "the file cannot be read: No such file or directory"),
    ("/c/bad", "line 2 of the file is not NAME=VALUE"),
    ("/c/nul", "line 1 of the file is not NAME=VALUE"), ("", "is empty; name a file"),
  ])
  func `a file of variables that cannot be used is told without its contents`(
    path: String, message: String
  ) {
    let configuration = load(
      "{command: 'c', envFile: '\(path)'}",
      files: ["/c/bad": "A=1\nsecret", "/c/nul": "A=\u{0}secret"])
    #expect(configuration.errors.map(\.message) == [message])
    #expect(configuration.servers.isEmpty)
  }

  @Test func `the time of one try in milliseconds gives way to policies of the same server`() {
    func limit(_ more: String) -> Duration? {
      load("{command: 'c', timeout: 1500\(more)}").servers.first?.policies.retry.tryTimeout
    }
    #expect(limit("") == .milliseconds(1500))
    #expect(limit(", policies: {retry: {tryTimeout: '9s'}}") == .seconds(9))
    #expect(limit(", policies: {retry: {retries: 1}}") == .milliseconds(1500))
    for broken in ["0", "-1", "86400001", "'30s'", "NaN", "null"] {
      #expect(load("{command: 'c', timeout: \(broken)}").servers.isEmpty)
    }
  }

  @Test(arguments: ["${config:x}", "${command:pick}", "${workspaceFolder:other}"])
  func `what only an editor knows is an error in its files and text in ours`(text: String) {
    let entry = "{command: 'c', args: ['\(text)']}"
    let files = ["./.vscode/mcp.json": "{servers: {s: \(entry)}}"]
    let configuration = ConfigurationBench(files: files).find()
    #expect(configuration.errors.map(\.server) == [ServerID("s")])
    #expect(load(entry).errorTexts == [])
  }

  @Test(arguments: [
    "url: '${NO}'", "url: 'http://h/', headers: {A: 'x ${NO}'}", "command: '${NO}'",
    "command: 'c', args: ['${NO}']", "command: 'c', env: {A: '${NO}'}",
    "command: 'c', cwd: '${NO}'", "command: 'c', envFile: '${NO}'",
  ])
  func `a variable that is not set leaves out that server alone`(entry: String) {
    for path in StandardPlaces(environment: ["HOME": "/home/op"]).configurations {
      let files = [path: "{mcpServers: {s: {\(entry)}, t: {command: 't'}}}"]
      let configuration = ConfigurationBench(files: files).find()
      #expect(configuration.names == ["t"])
      #expect(configuration.errors.map(\.server) == [ServerID("s")])
    }
  }
}
