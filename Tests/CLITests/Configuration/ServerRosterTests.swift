import FleetModel
import Testing

@testable import CLI

/// One name, one server; one server, one name.
struct ServerRosterTests {
  private static let places = StandardPlaces(environment: ["HOME": "/home/op"]).configurations

  private func bench(_ files: [String: String]) -> Configuration {
    ConfigurationBench(files: files).find()
  }

  @Test func `the same server in several files is there once`() {
    let configuration = bench([
      "./.mcp.json": "{mcpServers: {a: {url: 'http://a/', headers: {X: '1', y: '2'}}}}",
      "./.vscode/mcp.json":
        "{servers: {a: {type: 'http', url: 'http://a/', headers: {Y: '2', x: '1'}}}}",
      "./.cursor/mcp.json": "{mcpServers: {a: {url: 'http://a/', headers: {Y: '2', x: '1'}}}}",
    ])
    #expect(configuration.names == ["a"])
    #expect(configuration.warningTexts == [])
    #expect(configuration.sources.map(\.servers).filter { !$0.isEmpty } == [[ServerID("a")]])
  }

  @Test func `different servers of one name are told apart by whose file they are in`() {
    let configuration = bench([
      "./mcpdash.json5":
        "{servers: {github: {command: 'a'}}, policies: {github: {retry: {retries: 9}}}}",
      "./.mcp.json": "{mcpServers: {github: {command: 'b'}}}",
      "./.cursor/mcp.json": "{mcpServers: {github: {command: 'c'}}}",
      "/home/op/.cursor/mcp.json": "{mcpServers: {github: {command: 'd'}}}",
      "/home/op/.claude.json": "{mcpServers: {github: {command: 'c'}}}",
    ])
    #expect(
      configuration.names == [
        "github", "github (claude code)", "github (cursor)", "github (cursor 2)",
      ])
    #expect(
      configuration.servers.map(\.policies.retry.schedule.retryLimit) == [9, 3, 3, 3])
    #expect(configuration.warningTexts == [])
  }

  @Test func `a second server of one name in our own files is told`() {
    let configuration = ConfigurationBench.load(
      "{servers: {a: {command: 'a'}}, mcpServers: {a: {command: 'b'}}}")
    #expect(configuration.names == ["a", "a (mcpdash)"])
    #expect(
      configuration.warningTexts == [
        "m.json5:1:48: mcpServers.a: a server 'a' is in m.json5:1 already; this one is called"
          + " 'a (mcpdash)'"
      ])
  }

  @Test func `a broken server keeps its name, so that no other takes its policies`() {
    let files = [
      "./mcpdash.json5": "{servers: {a: {url: '${UNSET}'}}}",
      "./.cursor/mcp.json": "{mcpServers: {a: {command: 'c'}}}",
    ]
    #expect(bench(files).names == ["a (cursor)"])
  }

  @Test func `an entry of ours that says only disabled switches off what others have`() {
    let configuration = bench([
      "./mcpdash.json5": "{servers: {a: {disabled: true}, b: {command: 'b', disabled: true}}}",
      "./.cursor/mcp.json": "{mcpServers: {a: {command: 'c'}, b: {command: 'd'}}}",
    ])
    #expect(configuration.names == ["b"])
    #expect(configuration.sources.map(\.disabled).filter { !$0.isEmpty } == [["a", "b"], ["a"]])
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `names are unique and the first keeps its own, wherever servers are`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var files: [String: String] = [:]
    /// What each name is first, and all that is written.
    var firsts: [String: String] = [:]
    var written: Set<[String]> = []
    for path in Self.places where Bool.random(using: &random) {
      var entries: [String] = []
      for name in ["a", "b", "c"] where Bool.random(using: &random) {
        let command = ["x", "y", "z"].randomElement(using: &random) ?? "x"
        entries.append("'\(name)': {command: '\(command)'}")
        firsts[name] = firsts[name] ?? command
        written.insert([name, command])
      }
      files[path] = "{mcpServers: {\(entries.joined(separator: ", "))}}"
    }
    let configuration = bench(files)
    #expect(Set(configuration.names).count == configuration.names.count)
    #expect(configuration == bench(files))
    var found: Set<[String]> = []
    for server in configuration.servers {
      let name = String(server.id.name.prefix(1))
      #expect(found.insert([name, server.endpoint.address]).inserted, "twice the same server")
      if server.id.name == name { #expect(firsts[name] == server.endpoint.address) }
    }
    #expect(found == written)
    #expect(configuration.sources.flatMap(\.servers) == configuration.servers.map(\.id))
  }

  @Test func `what other sources find gets policies by name and by group`() {
    var files = ConfigurationBench()
    files.files["./mcpdash.json5"] = """
      {
        servers: {a: {command: 'a'}},
        defaults: {retry: {retries: 1}},
        policies: {pay: {retry: {retries: 7}}},
        groups: {tools: {servers: 'tool-*', policies: {retry: {retries: 8}}}},
      }
      """
    let configuration = files.find(isOpen: true)
    #expect(configuration.warningTexts == [])
    let found = ["pay", "tool-x", "a", "other"].map {
      DiscoveredServer(name: $0, endpoint: .http(url: "http://\($0)/", headers: []), source: "t")
    }
    let (servers, report) = configuration.plan.assemble(with: [("toolhive", found)])
    #expect(report.errors.isEmpty)
    #expect(servers.map(\.id.name) == ["a", "pay", "tool-x", "a (toolhive)", "other"])
    #expect(servers.map(\.policies.retry.schedule.retryLimit) == [1, 7, 8, 1, 1])
    #expect(servers.map(\.source).suffix(4) == ["t", "t", "t", "t"])
  }
}
