import FleetModel
import Testing
import Wire

struct ToolHiveDocumentTests {
  private static func workloads(_ json: String) throws -> [ToolHiveWorkload] {
    try ToolHiveDocument.workloads(Array(json.utf8))
  }

  @Test func `a workload is read with all that the fleet and the operator need`() throws {
    let workloads = try Self.workloads(
      """
      {"workloads": [{"name": "fetch", "package": "ghcr.io/x/fetch:1",
        "url": "http://127.0.0.1:31337/mcp#fetch", "port": 31337, "tool_type": "mcp",
        "transport_type": "stdio", "proxy_mode": "streamable-http", "status": "auth_retrying",
        "status_context": "later", "created_at": "2026-01-02T03:04:05Z", "group": "default",
        "labels": {"a": "b"}, "tools": ["x", "y"], "remote": true}]}
      """)
    var expected = ToolHiveWorkload(name: "fetch")
    expected.url = "http://127.0.0.1:31337/mcp#fetch"
    expected.transportType = "stdio"
    expected.proxyMode = "streamable-http"
    expected.status = .authRetrying
    expected.statusContext = "later"
    expected.package = "ghcr.io/x/fetch:1"
    expected.group = "default"
    expected.tools = ["x", "y"]
    expected.isRemote = true
    expected.createdAt = "2026-01-02T03:04:05Z"
    #expect(workloads == [expected])
  }

  @Test(arguments: [
    ("\"proxy_mode\": \"sse\", \"transport_type\": \"streamable-http\"", "/mcp", true),
    ("\"proxy_mode\": \"streamable-http\", \"transport_type\": \"sse\"", "/sse", false),
    ("\"transport_type\": \"sse\"", "/mcp", true),
    ("\"transport_type\": \"stdio\"", "/sse", true),
    ("\"transport_type\": \"stdio\"", "/sse?x=1#fetch", true),
    ("\"transport_type\": \"stdio\"", "/mcp", false),
  ])
  func `the proxy's mode says what clients speak, and where it is silent the rest does`(
    members: String, path: String, isSSE: Bool
  ) throws {
    let workload = try #require(
      Self.workloads(
        "{\"workloads\": [{\"name\": \"a\", \"url\": \"http://h:1\(path)\", \(members)}]}"
      ).first)
    let bare = String(path.prefix { $0 != "#" })
    let style: HTTPEndpoint.Style = isSSE ? .sse : .streamable
    #expect(workload.endpoint == .http(HTTPEndpoint(url: "http://h:1\(bare)", style: style)))
  }

  @Test(arguments: [
    "", "ftp://h/x", "unix:///run/x.sock", "http://", "/mcp", "http://h/\\u0001", "http://a b/",
  ])
  func `what is no http address is no endpoint`(url: String) throws {
    let workload = try #require(
      Self.workloads("{\"workloads\": [{\"name\": \"a\", \"url\": \"\(url)\"}]}").first)
    #expect(workload.endpoint == nil)
  }

  @Test func `those that run, or soon will, are served`() {
    let served = ToolHiveWorkload.Status.allCases.filter(\.isServed)
    #expect(
      served == [.running, .starting, .unhealthy, .unknown, .unauthenticated, .authRetrying])
  }

  @Test func `unknown states, other kinds of workload and entries without a name are no trouble`()
    throws
  {
    let workloads = try Self.workloads(
      """
      {"workloads": [{"name": "a", "status": "dancing"}, {"status": "running"}, {"name": ""}, 7,
        {"name": "b", "tool_type": "other"}, {"name": "c", "status": null, "tools": null}]}
      """)
    #expect(workloads.map(\.name) == ["a", "c"])
    #expect(workloads.map(\.status) == [.unknown, .unknown])
  }

  @Test(arguments: ["{\"workloads\": null}", "{\"workloads\": []}"])
  func `an empty list may be null`(json: String) throws {
    #expect(try Self.workloads(json).isEmpty)
  }

  @Test(arguments: [
    "", "hello", "[]", "{}", "{\"workloads\": {}}", "{\"workloads\": \"no\"}", "{\"workloads\": [",
  ])
  func `what is no list of workloads is refused`(json: String) {
    #expect(throws: ToolHiveDocument.Unreadable.self) { try Self.workloads(json) }
  }

  @Test func `a list without an end is refused at its limit`() {
    let entries = [String](repeating: "{\"name\":\"a\"}", count: ToolHiveDocument.entryLimit + 1)
    #expect(throws: ToolHiveDocument.Unreadable(reason: "more than 10000 workloads")) {
      try Self.workloads("{\"workloads\":[\(entries.joined(separator: ","))]}")
    }
  }

  @Test(arguments: ["{\"hello\": 1}", "{\"version\": 7}", "<html>", "[\"version\"]", "{}"])
  func `who says no version is not ToolHive`(json: String) {
    #expect(throws: ToolHiveDocument.Unreadable.self) {
      try ToolHiveDocument.version(Array(json.utf8))
    }
  }

  @Test(arguments: ["{}", "{\"servers\": null}", "{\"remote_servers\": []}"])
  func `an empty registry may leave its lists out`(json: String) throws {
    #expect(try ToolHiveDocument.registry(Array(json.utf8)).isEmpty)
  }

  @Test func `the registry's images come before its remote servers, each by name`() throws {
    let servers = try ToolHiveDocument.registry(
      Array(
        """
        {"servers": [{"name": "b", "image": "i/b", "transport": "stdio", "tier": "Official",
          "env_vars": [{"name": "KEY", "required": true, "secret": true}, {}]}, {"name": "a"}, {}],
         "remote_servers": [{"name": "0", "url": "https://r/mcp", "transport": "streamable-http"}]}
        """.utf8))
    #expect(servers.map(\.name) == ["a", "b", "0"])
    #expect(servers.map(\.address) == ["", "i/b", "https://r/mcp"])
    #expect(servers.map(\.isRemote) == [false, false, true])
    #expect(servers[1].variables.map(\.name) == ["KEY"])
  }

  @Test func `a creation names the image, how it speaks and what it may do`() throws {
    let servers = try ToolHiveDocument.registry(
      Array(
        """
        {"servers": [{"name": "io.x/f", "image": "i/f:1", "transport": "sse", "target_port": 8080,
          "args": ["--x"], "permissions": {"network":{"allow_port":[443]}}}]}
        """.utf8))
    let server = try #require(servers.first)
    #expect(
      ToolHiveDocument.creation(of: server, name: "f").text
        == #"{"name":"f","image":"i/f:1","transport":"sse","target_port":8080,"#
        + #""cmd_arguments":["--x"],"permission_profile":{"network":{"allow_port":[443]}}}"#
    )
  }
}
