import FleetModel
import Testing

@testable import CLI

/// What files mean.
struct ConfigurationTests {
  @Test func `a file in the form of Claude Desktop is read`() throws {
    let configuration = ConfigurationBench.load(
      """
      {
        "mcpServers": {
          "github": {
            "command": "npx", "args": ["-y", "@x/github"],
            "env": {"TOKEN": "${GITHUB_TOKEN}", "A": "1"}, "cwd": "/srv"
          },
          "weather": {"url": "https://w.example/mcp", "headers": {"Authorization": "Bearer ${W}"}}
        }
      }
      """, environment: ["GITHUB_TOKEN": "t1", "W": "t2"])
    #expect(configuration.errors.isEmpty)
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.names == ["github", "weather"])
    #expect(
      configuration.servers[0].endpoint
        == .stdio(
          command: "npx", arguments: ["-y", "@x/github"],
          environment: [
            EnvironmentVariable(name: "TOKEN", value: "t1"),
            EnvironmentVariable(name: "A", value: "1"),
          ], workingDirectory: "/srv"))
    #expect(
      configuration.servers[1].endpoint
        == .http(
          url: "https://w.example/mcp",
          headers: [HeaderField(name: "Authorization", value: "Bearer t2")]))
    #expect(configuration.servers[1].source == "m.json5: mcpServers.weather")
  }

  @Test func `a file in the form of VS Code is read, comments and trailing commas too`() {
    let configuration = ConfigurationBench.load(
      """
      {
        // what VS Code writes
        "inputs": [{"type": "promptString", "id": "k"}],
        "servers": {
          "a": {"type": "stdio", "command": "a", /* no args */},
          "b": {"type": "http", "url": "http://b/"},
        },
      }
      """)
    #expect(configuration.errors.isEmpty)
    #expect(configuration.names == ["a", "b"])
  }

  @Test(arguments: ["http", "streamable-http", "streamableHttp"])
  func `HTTP has three names, under type or transport`(name: String) {
    for key in ["type", "transport"] {
      let configuration = ConfigurationBench.load(
        "{servers: {s: {\(key): '\(name)', url: 'http://s/'}}}")
      #expect(configuration.servers.map(\.endpoint) == [.open(url: "http://s/")])
    }
  }

  @Test(arguments: [
    ("type: 'sse', url: 'http://s/'", HTTPEndpoint.Style.sse),
    ("transport: 'sse', url: 'http://s/'", .sse), ("url: 'http://s/sse'", .sse),
    ("url: 'http://s/a/sse/b?c'", .sse), ("url: 'http://s/sse-x'", .streamable),
    ("url: 'http://s/?sse'", .streamable), ("url: 'http://sse/'", .streamable),
    ("type: 'http', url: 'http://s/sse'", .streamable), ("url: 'http://s/${P:-sse}'", .sse),
  ])
  func `the old event stream is named, or known by a part of the path`(
    entry: String, style: HTTPEndpoint.Style
  ) throws {
    let configuration = ConfigurationBench.load("{servers: {s: {\(entry)}}}")
    #expect(configuration.errorTexts == [])
    guard case .http(let endpoint)? = configuration.servers.first?.endpoint else {
      Issue.record("no HTTP endpoint: \(configuration.servers)")
      return
    }
    #expect(endpoint.style == style)
  }

  @Test func `a server that is switched off is left out without a word`() {
    let configuration = ConfigurationBench.load(
      "{servers: {s: {command: 's', disabled: true}, t: {command: 't', disabled: false}}}")
    #expect(configuration.names == ["t"])
    #expect(configuration.warnings.isEmpty)
    #expect(configuration.sources.first?.disabled == ["s"])
  }

  @Test func `the nearer a policy is to its server the more it counts`() throws {
    let configuration = ConfigurationBench.load(
      """
      {
        defaults: {retry: {retries: 1, factor: 3, jitter: .5}},
        policies: {
          '*': {retry: {retries: 2, factor: 4}},
          a: {retry: {retries: 5}},
        },
        servers: {
          a: {url: 'http://a/', policies: {breaker: {openFor: '1m30s'}}},
          b: {url: 'http://b/'},
          c: {url: 'http://c/', policies: {retry: {retries: 7}}},
        },
      }
      """)
    #expect(configuration.errors.isEmpty)
    #expect(configuration.servers.map(\.policies.retry.schedule.retryLimit) == [5, 2, 7])
    #expect(configuration.servers.map(\.policies.retry.schedule.factor) == [4, 4, 4])
    #expect(configuration.servers.map(\.policies.retry.schedule.jitterShare) == [0.5, 0.5, 0.5])
    #expect(configuration.servers[0].policies.breaker.openDuration == .seconds(90))
    #expect(configuration.servers[1].policies.breaker == BreakerPolicy())
  }

  @Test func `a child process stays alone unless its own server's policies say otherwise`() {
    let configuration = ConfigurationBench.load(
      """
      {
        defaults: {pool: {open: 20, idle: 8, acquireTimeout: 1}},
        servers: {
          a: {command: 'a'},
          b: {command: 'b', policies: {pool: {open: 2, idle: 2}}},
          c: {url: 'http://c/'},
        },
      }
      """)
    #expect(configuration.servers.map(\.policies.pool.openLimit) == [1, 2, 20])
    #expect(configuration.servers.map(\.policies.pool.streamsPerConnection) == [10, 10, 1])
    #expect(
      configuration.servers.allSatisfy { $0.policies.pool.acquireTimeout == .seconds(1) })
  }

  @Test(arguments: PolicyField.all.map { "\($0.group).\($0.name)" })
  func `every policy of the table can be set in a file and moves that field alone`(
    name: String
  ) throws {
    let field = try #require(PolicyField.all.first { "\($0.group).\($0.name)" == name })
    let standard = Policies()
    let values = [
      "7", "0.25", "'7s'", "'2h'", "false", "true", "'lfu'", "'cancel'", "'error'", "'atMostOnce'",
      "'full'", "'patient'",
      "{a: 'atMostOnce'}", "[{on: 429, then: 'giveUp'}]",
    ]
    let changed = values.map { value in
      ConfigurationBench.load(
        "{servers: {s: {url: 'http://s/', policies: {\(field.group): {\(field.name): \(value)}}}}}")
    }.flatMap(\.servers).map(\.policies).filter { $0 != standard }
    let policies = try #require(changed.first)
    for other in PolicyField.all where !isAnotherName(other, of: field) {
      let isSame = other.text(in: policies) == other.text(in: standard)
      #expect(isSame == ("\(other.group).\(other.name)" != name))
    }
  }

  @Test(arguments: PolicyField.all.map { "\($0.group).\($0.name)" })
  func `a value beyond either end of its range is refused with place, value and range`(
    name: String
  ) throws {
    let field = try #require(PolicyField.all.first { "\($0.group).\($0.name)" == name })
    let values: [String] =
      switch field.target {
      case .count(_, let range): ["\(range.lowerBound - 1)", "\(range.upperBound + 1)", "1e300"]
      case .ratio(_, let range):
        ["\(range.lowerBound.nextDown)", "\(range.upperBound.nextUp)", "NaN", "Infinity"]
      case .time(_, let range):
        ["-1", "\(range.upperBound.seconds + 1)", "1e300", "NaN", "Infinity"]
      case .choice: ["'nonsense'", "1"]
      case .flag, .nested: ["7"]
      }
    for value in values {
      let configuration = ConfigurationBench.load(
        """
        {servers: {
          bad: {url: 'http://s/', policies: {\(field.group): {\(field.name): \(value)}}},
          good: {url: 'http://g/'}}}
        """)
      #expect(configuration.names == ["good"], "\(value)")
      let text = configuration.errorTexts.first ?? ""
      #expect(text.hasPrefix("m.json5:2:"), "\(text)")
      #expect(text.contains("servers.bad.policies.\(field.group).\(field.name)"), "\(text)")
      if case .nested = field.target { continue }
      #expect(text.contains(field.form), "\(text)")
    }
  }

  /// A profile is all of a schedule, and attempts are retries and one.
  private func isAnotherName(_ other: PolicyField, of field: PolicyField) -> Bool {
    let schedule = PolicyField.schedule.map(\.name)
    guard field.group == "retry", other.group == "retry", field.name != other.name else {
      return false
    }
    if field.name == "profile" { return schedule.contains(other.name) }
    if other.name == "profile" { return schedule.contains(field.name) }
    return field.rival == other.name || other.rival == field.name
  }

  @Test func `probes come from the server's entry and from the list by name`() {
    let configuration = ConfigurationBench.load(
      """
      {
        servers: {s: {url: 'http://s/', probes: [{tool: 'ping'}]}},
        probes: {s: [{tool: 'add', arguments: {b: 0x10, a: +1.50, }, every: '5m'}]},
      }
      """)
    #expect(
      configuration.servers.first?.probes == [
        Probe(tool: "ping", arguments: .emptyObject, interval: .seconds(60)),
        Probe(
          tool: "add", arguments: JSONText(unchecked: Array(#"{"b":16,"a":1.50}"#.utf8)),
          interval: .seconds(300)),
      ])
  }

  @Test func `settings are read, paths resolved beside the file`() {
    var bench = ConfigurationBench()
    bench.files["/etc/mcp/m.json5"] = """
      {servers: {}, theme: '${THEME:-night}', mouse: true, refresh: '250ms',
       deadLetters: {path: 'dead.db', ttl: '7d'}}
      """
    let settings = bench.load(["/etc/mcp/m.json5"]).settings
    #expect(
      settings
        == Configuration.Settings(
          theme: "night", mouse: true, refresh: .milliseconds(250),
          deadLetters: DeadLetterSettings(
            place: .file("/etc/mcp/dead.db"), origin: "/etc/mcp/m.json5: deadLetters.path",
            lifetime: .seconds(7 * 86_400))))
  }

  @Test func `included files add servers, and policies by name reach them`() {
    let bench = ConfigurationBench(files: [
      "/c/main.json5": """
      {include: ['other.json', '~/mine.json'], theme: 'day', policies: {b: {retry: {retries: 9}}},
       servers: {a: {command: 'a'}}}
      """,
      "/c/other.json": #"{"mcpServers": {"b": {"command": "b"}}, "theme": "night"}"#,
      "/home/op/mine.json": #"{"mcpServers": {"c": {"command": "c"}}}"#,
    ])
    let configuration = bench.load(["/c/main.json5"])
    #expect(configuration.errorTexts == [])
    #expect(configuration.names == ["a", "b", "c"])
    #expect(configuration.servers[1].policies.retry.schedule.retryLimit == 9)
    #expect(configuration.settings.theme == "day")
    #expect(configuration.files == ["/c/main.json5", "/c/other.json", "/home/op/mine.json"])
  }

  @Test func `files that include each other are read once`() {
    let bench = ConfigurationBench(files: [
      "a.json": "{include: ['b.json'], servers: {a: {command: 'a'}}}",
      "b.json": "{include: ['a.json'], servers: {b: {command: 'b'}}}",
    ])
    let configuration = bench.load(["a.json"])
    #expect(configuration.names == ["a", "b"])
    #expect(
      configuration.warningTexts == [
        "b.json:1:12: include[0]: 'a.json' is read already; remove this"
      ])
  }

  @Test func `a chain of includes ends at the limit`() {
    var bench = ConfigurationBench()
    for number in 0...40 { bench.files["\(number).json"] = "{include: ['\(number + 1).json']}" }
    let configuration = bench.load(["0.json"])
    #expect(configuration.files.count == ConfigurationLoader.fileLimit)
    #expect(
      configuration.errorTexts == ["31.json:1:12: include[0]: more than 32 files; join some"])
  }
}
