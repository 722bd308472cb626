import FleetModel
import Testing

@testable import CLI

/// Servers of every program are found in its usual places.
struct FoundFilesTests {
  private static let bench = ConfigurationBench(
    files: ForeignFiles.everywhere, environment: ForeignFiles.environment)

  private func endpoint(_ name: String, _ bench: ConfigurationBench = bench) -> Endpoint? {
    bench.find().servers.first { $0.id.name == name }?.endpoint
  }

  @Test func `every place is read, in the order of precedence, and says what it gave`() {
    let configuration = Self.bench.find()
    #expect(configuration.errorTexts == [])
    #expect(
      configuration.sources.filter { $0.state == .read }.map { [$0.path] + $0.servers.map(\.name) }
        == [
          ["./.mcp.json", "api", "events", "db"],
          ["./.vscode/mcp.json", "perplexity", "docs", "local"],
          ["./.cursor/mcp.json", "linear", "stripe", "notes"],
          ["./fastmcp.json", "weather", "assistant"],
          ["/home/op/.claude.json", "near", "above", "sentry", "github"],
          ["/home/op/.config/Claude/claude_desktop_config.json", "filesystem", "sqlite"],
        ])
    #expect(configuration.names == configuration.sources.flatMap(\.servers).map(\.name))
    #expect(
      configuration.sources.map(\.path)
        == StandardPlaces(environment: ForeignFiles.environment).configurations)
    #expect(configuration.isUsable)
  }

  @Test func `every server says in which file and where in it it is`() {
    let sources = Dictionary(
      uniqueKeysWithValues: Self.bench.find().servers.map { ($0.id.name, $0.source) })
    #expect(sources["api"] == "./.mcp.json: mcpServers.api")
    #expect(sources["docs"] == "./.vscode/mcp.json: servers.docs")
    #expect(
      sources["near"] == "/home/op/.claude.json: projects./home/op/shop/web.mcpServers.near")
    #expect(sources["sentry"] == "/home/op/.claude.json: mcpServers.sentry")
  }

  @Test func `Claude Code's variables have defaults`() {
    #expect(
      endpoint("api")
        == .http(
          url: "https://api.example/mcp",
          headers: [HeaderField(name: "Authorization", value: "Bearer k1")]))
    #expect(
      endpoint("db")
        == .stdio(
          command: "npx", arguments: ["-y", "@bytebase/dbhub", "--dsn", "sqlite:///tmp/x.db"],
          environment: [], workingDirectory: nil))
    #expect(
      endpoint("events")
        == .open(url: "https://events.example/stream", style: .sse))
  }

  @Test func `VS Code's questions are answered by the environment or by their defaults`() {
    #expect(
      endpoint("perplexity")
        == .stdio(
          command: "docker",
          arguments: ["run", "-i", "--rm", "-v", "/home/op/shop/web:/mnt", "low"],
          environment: [
            EnvironmentVariable(name: "A", value: "1"),
            EnvironmentVariable(name: "B", value: "two words"),
            EnvironmentVariable(name: "PERPLEXITY_API_KEY", value: "k3"),
          ], workingDirectory: nil))
    #expect(
      endpoint("docs")
        == .open(
          url: "https://docs.example/mcp", headers: [HeaderField(name: "X-User", value: "op")]))
    #expect(endpoint("local") == .http(url: "unix:///tmp/server.sock#/mcp", headers: []))
  }

  @Test func `a question that nobody answered leaves its server out and says what it is about`() {
    var bench = Self.bench
    bench.environment["MCPDASH_INPUT_PERPLEXITY_KEY"] = nil
    let configuration = bench.find()
    #expect(!configuration.names.contains("perplexity"))
    #expect(configuration.names.contains("docs"))
    #expect(
      configuration.errors.map(\.message) == [
        "${input:perplexity-key} asks a person for 'Perplexity API Key', which mcpdash does not;"
          + " set the variable MCPDASH_INPUT_PERPLEXITY_KEY"
      ])
    #expect(configuration.errors.first?.path == "servers.perplexity.env.PERPLEXITY_API_KEY")
  }

  @Test func `Cursor's files have variables, a file of variables and servers switched off`() {
    #expect(
      endpoint("stripe")
        == .http(
          HTTPEndpoint(
            url: "https://mcp.stripe.example/sse",
            headers: [HeaderField(name: "Authorization", value: "Bearer k2")], style: .sse)))
    #expect(
      endpoint("notes")
        == .stdio(
          command: "/home/op/bin/notes", arguments: [],
          environment: [EnvironmentVariable(name: "NOTES", value: "x=y")],
          workingDirectory: nil))
    let cursor = Self.bench.find().sources.first { $0.program == .cursor }
    #expect(cursor?.disabled == ["old"])
  }

  @Test func `FastMCP's time limit is that of one try`() throws {
    let servers = Self.bench.find().servers
    let weather = try #require(servers.first { $0.id.name == "weather" })
    #expect(weather.policies.retry.tryTimeout == .seconds(20))
    #expect(weather.endpoint == .open(url: "https://weather.example/mcp"))
    #expect(
      endpoint("assistant")
        == .stdio(
          command: "python", arguments: ["./assistant.py", "--verbose"],
          environment: [EnvironmentVariable(name: "LOG_LEVEL", value: "INFO")],
          workingDirectory: "/srv/assistant"))
  }

  @Test(arguments: [
    (ForeignFiles.fastMCPRoot, ["weather", "assistant"]), (ForeignFiles.fastMCPProject, []),
  ])
  func `servers at the root of FastMCP's file are found, and a server of its own is none`(
    text: String, names: [String]
  ) {
    let configuration = ConfigurationBench(files: [
      "./fastmcp.json": text, "./mcpdash.json5": "{servers: {own: {command: 'a'}}}",
    ]).find()
    #expect(configuration.names == ["own"] + names)
    #expect(configuration.errorTexts == [])
    #expect(configuration.warningTexts == [])
  }

  @Test func `what Claude Code keeps beside its servers sets nothing here`() {
    let configuration = Self.bench.find()
    #expect(configuration.settings == Configuration.Settings())
    #expect(configuration.warnings.allSatisfy { $0.message.contains("'auth'") })
  }

  // MARK: - Limits and mistakes

  @Test(arguments: ["{", "[]", "unreadable", "{mcpServers: 5}", "\u{1}", ""])
  func `a broken file of another program is told and stops nothing`(text: String) {
    for path in StandardPlaces(environment: ForeignFiles.environment).configurations.dropFirst(2) {
      var bench = Self.bench
      let others = Set(bench.find().sources.filter { $0.path != path }.flatMap(\.servers))
      bench.files[path] = text
      let configuration = bench.find()
      #expect(configuration.isUsable)
      #expect(Set(configuration.servers.map(\.id)) == others, "\(path)")
      #expect(configuration.errors.map(\.file) == [path])
      let source = configuration.sources.first { $0.path == path }
      guard case .unusable? = source?.state else {
        Issue.record("\(path) passes for well")
        continue
      }
    }
  }

  @Test func `a broken file of our own starts nothing`() {
    var bench = Self.bench
    bench.files["./mcpdash.json5"] = "{"
    #expect(!bench.find().isUsable)
  }

  @Test func `a history of 50 MB in Claude Code's file is passed over`() {
    let line = #"{"display": "a \"quoted\" text with } and ]", "pastedContents": {}},"#
    let history = String(repeating: line, count: (50 << 20) / line.utf8.count)
    let text = #"""
      {"history": [\#(history) {}], "projects": {"/other": [\#(line) {}]},
       "mcpServers": {"a": {"command": "a"}}}
      """#
    let configuration = ConfigurationBench(files: ["/home/op/.claude.json": text]).find()
    #expect(configuration.errorTexts == [])
    #expect(configuration.names == ["a"])
    #expect(configuration.servers.first?.source == "/home/op/.claude.json: mcpServers.a")
  }

  @Test func `what is passed over may be nested as deep as it likes`() {
    let depth = 500_000
    let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    let configuration = ConfigurationBench(files: [
      "/home/op/.claude.json": "{\"x\": \(deep), \"mcpServers\": {\"a\": {\"command\": \"a\"}}}"
    ]).find()
    #expect(configuration.names == ["a"])
    #expect(configuration.errorTexts == [])
  }

  @Test func `a file beyond the limit is refused in words`() {
    let text = "{\"x\": \"" + String(repeating: "x", count: 64 << 20) + "\"}"
    let configuration = ConfigurationBench(files: [
      "/home/op/.claude.json": text, "./.mcp.json": ForeignFiles.claudeCodeProject,
    ]).find()
    #expect(configuration.errors.contains { $0.message == "larger than 64 MiB" })
    #expect(configuration.names.contains("db"))
  }

  @Test func `policies in a file of another program are not passed over in silence`() {
    let configuration = ConfigurationBench(files: [
      "./.mcp.json": "{mcpServers: {a: {command: 'a'}}, defaults: {retry: {retries: 0}}}"
    ]).find()
    #expect(
      configuration.errors.map(\.message) == [
        "is read in files of mcpdash alone; move it to mcpdash.json5"
      ])
    #expect(configuration.servers.map(\.policies.retry.delivery) == [.atMostOnce])
  }

  // MARK: - Finding

  @Test func `files that are named are all that is read`() {
    var bench = Self.bench
    bench.files["own.json5"] = "{servers: {own: {command: 'a'}}}"
    let configuration = bench.load(["own.json5"])
    #expect(configuration.names == ["own"])
    #expect(configuration.sources.map(\.path) == ["own.json5"])
    #expect(bench.load(["./.cursor/mcp.json"]).names == ["linear", "stripe", "notes"])
  }

  @Test(
    arguments: [
      (nil, nil, true), (nil, true, true), (nil, false, false), (true, false, true),
      (false, true, false), (false, nil, false),
    ] as [(Bool?, Bool?, Bool)])
  func `finding is switched off by flag before file`(flag: Bool?, file: Bool?, isFound: Bool) {
    var bench = Self.bench
    let setting = file.map { "discover: \($0)," } ?? ""
    bench.files["/home/op/.config/mcpdash/mcpdash.json5"] =
      "{\(setting) servers: {own: {command: 'a'}}}"
    let configuration = bench.find(discovers: flag)
    #expect((configuration.names == ["own"]) == !isFound)
    #expect(configuration.names.first == "own")
  }

  @Test func `both files of our own count, the nearer one first`() {
    let configuration = ConfigurationBench(files: [
      "./mcpdash.json5": "{theme: 'near', servers: {a: {command: 'a'}}}",
      "/home/op/.config/mcpdash/mcpdash.json5":
        "{theme: 'far', refresh: 5, servers: {b: {command: 'b'}}}",
    ]).find()
    #expect(configuration.names == ["a", "b"])
    #expect(configuration.settings.theme == "near")
    #expect(configuration.settings.refresh == .seconds(5))
  }

  @Test func `a file that is included is not found a second time`() {
    var bench = Self.bench
    bench.files["./mcpdash.json5"] = "{include: ['.mcp.json']}"
    let configuration = bench.find()
    #expect(configuration.warnings.allSatisfy { !$0.message.contains("already") })
    #expect(configuration.sources.count { $0.path.hasSuffix(".mcp.json") } == 1)
    #expect(configuration.names.prefix(3) == ["api", "events", "db"])
  }

  @Test func `where the home directory is the workplace its files are read once`() {
    var bench = ConfigurationBench(
      files: ["./.cursor/mcp.json": ForeignFiles.cursor], environment: ForeignFiles.environment)
    bench.environment["HOME"] = ConfigurationBench.directory
    let home = ConfigurationBench.directory + "/.cursor/mcp.json"
    bench.files[home] = ForeignFiles.cursor
    #expect(bench.find().sources.count { $0.state == .read } == 1)
  }
}
