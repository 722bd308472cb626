import FleetModel
import Testing

@testable import CLI

struct CommandLineTests {
  private func read(_ words: [String], _ environment: [String: String] = [:]) throws -> Invocation {
    try InvocationReader.read(words, environment: environment)
  }

  private func failure(
    _ words: [String], _ environment: [String: String] = [:]
  ) -> UsageError? {
    do {
      _ = try InvocationReader.read(words, environment: environment)
      return nil
    } catch {
      return error
    }
  }

  private static let id = "01890a5d-ac96-774b-bcce-b302099a8057"

  @Test(
    arguments: [
      ([], .dashboard), (["demo"], .demo(seed: 1)), (["demo", "--seed=42"], .demo(seed: 42)),
      (["demo", "--picture", "a.svg"], .demo(seed: 1, picture: .init(path: "a.svg"))),
      (
        ["demo", "--picture=a.svg", "--size", "10x500"],
        .demo(seed: 1, picture: .init(path: "a.svg", columns: 10, rows: 500))
      ),
      (["simulate"], .simulate(SimulateRequest(seed: 1))),
      (["simulate", "--seeds", "64"], .simulate(SimulateRequest(seed: 1, seeds: 64))),
      (
        ["simulate", "--digest", "--seed", "7"], .simulate(SimulateRequest(seed: 7, isDigest: true))
      ),
      (["snapshot"], .snapshot(.init(format: .text, wait: .seconds(5)))),
      (
        ["snapshot", "-fjson", "-w", "0", "--every", "500ms", "-n3"],
        .snapshot(.init(format: .json, wait: .zero, interval: .milliseconds(500), count: 3))
      ),
      (["servers", "--json"], .servers(isJSON: true)),
      (["tools"], .tools(.init(isJSON: false))),
      (["tools", "a"], .tools(.init(server: "a", isJSON: false))),
      (["tools", "a", "t", "-j"], .tools(.init(server: "a", tool: "t", isJSON: true))),
      (
        ["call", "a", "t"],
        .call(.init(server: "a", tool: "t", arguments: .json(.emptyObject), isJSON: false))
      ),
      (
        ["call", "a", "t", "{x: 0x10,}", "--timeout", "2", "-j"],
        .call(
          .init(
            server: "a", tool: "t", arguments: .json(JSONText(unchecked: Array(#"{"x":16}"#.utf8))),
            timeout: .seconds(2), isJSON: true))
      ),
      (
        ["call", "a", "t", "-"],
        .call(.init(server: "a", tool: "t", arguments: .standardInput, isJSON: false))
      ),
      (
        ["call", "--", "--a", "-t"],
        .call(.init(server: "--a", tool: "-t", arguments: .json(.emptyObject), isJSON: false))
      ),
      (["breaker", "list"], .breakerList(isJSON: false)),
      (
        ["breaker", "open", "a", "b"], .breaker(.hold(.init(kind: .open)), servers: ["a", "b"])
      ),
      (["breaker", "close", "--all"], .breaker(.hold(.init(kind: .closed)), servers: [])),
      (
        ["breaker", "disable", "a", "--for", "0", "--reason=too noisy", "--owner", "ann"],
        .breaker(
          .hold(
            .init(kind: .disabled, reason: "too noisy", owner: "ann", timeToLive: .zero)),
          servers: ["a"])
      ),
      (
        ["breaker", "open", "-a", "--for", "7d"],
        .breaker(.hold(.init(kind: .open, timeToLive: .seconds(7 * 86_400))), servers: [])
      ),
      (["breaker", "reset", "a"], .breaker(.reset, servers: ["a"])),
      (["login", "a"], .login(LoginRequest(server: "a"))),
      (
        ["login", "a", "--scope", "x", "--scope=y", "-t", "10", "-j"],
        .login(
          LoginRequest(server: "a", scopes: ["x", "y"], timeout: .seconds(10), isJSON: true))
      ),
      (["logout", "a"], .logout(server: "a")),
      (["auth", "status", "--json"], .authorizationStatus(isJSON: true)),
      (
        ["call", "a", "t", "--token-env", "T"],
        .call(
          .init(
            server: "a", tool: "t", arguments: .json(.emptyObject), token: .variable("T"),
            isJSON: false))
      ),
      (
        ["call", "a", "t", "--token-file", "f"],
        .call(
          .init(
            server: "a", tool: "t", arguments: .json(.emptyObject), token: .file("f"),
            isJSON: false))
      ),
      (["reconnect", "a"], .reconnect(server: "a")), (["trust", "a"], .trust(server: "a")),
      (["check"], .check(.init())),
      (
        ["check", "--offline", "-w", "0", "-qj"],
        .check(.init(isOffline: true, wait: .zero, isQuiet: true, isJSON: true))
      ),
      (
        ["call", "-q", "a", "t"],
        .call(
          .init(
            server: "a", tool: "t", arguments: .json(.emptyObject), isQuiet: true, isJSON: false))
      ),
      (["cache", "list"], .cacheList(server: nil, isJSON: false)),
      (["cache", "list", "a", "-j"], .cacheList(server: "a", isJSON: true)),
      (["cache", "clear"], .cacheClear(.all)),
      (["cache", "clear", "a"], .cacheClear(.server(ServerID("a")))),
      (["cache", "clear", "a", "k {}"], .cacheClear(.entry(ServerID("a"), "k {}"))),
      (["stats"], .statistics(server: nil, isJSON: false)),
      (["stats", "a", "--json"], .statistics(server: "a", isJSON: true)),
      (["check-config"], .checkConfiguration(isJSON: false)), (["man"], .manual),
      (["completions", "zsh"], .completions(.zsh)), (["version"], .version), (["-V"], .version),
      (["snapshot", "--version"], .version), (["--help"], .help([])), (["help"], .help([])),
      (["call", "-h"], .help([.call])), (["help", "call"], .help([.call])),
      (
        ["breaker", "--help"],
        .help([.breakerList, .breakerOpen, .breakerClose, .breakerDisable, .breakerReset])
      ),
      (["help", "dlq", "show"], .help([.deadLetterShow])),
    ] as [([String], Invocation.Action)])
  func `words become an action`(words: [String], action: Invocation.Action) throws {
    #expect(try read(words).action == action)
  }

  @Test(arguments: [
    (["snapshto"], "unknown command 'snapshto'; did you mean 'snapshot'?"),
    (["xyzzy\u{1B}[2J"], "unknown command 'xyzzy\u{FFFD}[2J'"),
    (["breaker"], "'breaker' needs one of: list, open, close, disable, reset"),
    (["breaker", "opne"], "unknown command 'breaker opne'; did you mean 'open'?"),
    (
      ["dlq", "x"],
      "unknown command 'dlq x'; 'dlq' needs one of: list, show, replay, stop, discard, delete, purge, stats, export,"
        + " import"
    ),
    (["snapshot", "--fromat", "json"], "unknown flag '--fromat'; did you mean '--format'?"),
    (["snapshot", "-z"], "unknown flag '-z'"),
    (["snapshot", "--format"], "--format needs FORMAT"),
    (["snapshot", "-f"], "-f needs FORMAT"),
    (
      ["snapshot", "--format", "yaml"],
      "--format: 'yaml' is not one of json, text, prometheus"
    ),
    (
      ["snapshot", "--format", "jsn"],
      "--format: 'jsn' is not one of json, text, prometheus; did you mean 'json'?"
    ),
    (
      ["snapshot", "--wait", "long"],
      "--wait: 'long' is not a time from 0s to 1d, such as 5 or 500ms"
    ),
    (["snapshot", "--count", "3"], "--count needs --every"),
    (
      ["snapshot", "--every", "1", "--count", "0"],
      "--count: '0' is not a whole number from 1 to 1000000"
    ),
    (["snapshot", "--seed", "3"], "--seed belongs to 'demo', 'simulate', not to 'snapshot'"),
    (["demo", "--size", "80x24"], "--size needs --picture"),
    (
      ["demo", "--picture", "a.svg", "--size", "9x24"],
      "--size: '9x24' is not columns and rows such as 120x40, each from 10 to 500"
    ),
    (
      ["demo", "--picture", "a.svg", "--size", "80"],
      "--size: '80' is not columns and rows such as 120x40, each from 10 to 500"
    ),
    (
      ["--json"],
      "--json belongs to 'servers', 'tools', 'call', 'login', 'auth status', 'breaker list', 'cache list', 'stats', 'dlq list', 'dlq show', 'dlq replay', 'dlq stop', 'dlq discard', 'dlq delete', 'dlq purge', 'dlq stats', 'dlq import', 'check', 'check-config', 'toolhive list', 'toolhive show', 'toolhive registry', 'toolhive install', 'toolhive start', 'toolhive stop', 'toolhive restart', 'toolhive logs', not to the dashboard"
    ),
    (["servers", "--json=yes"], "--json takes no value"),
    (["servers", "more"], "'more' is too much; write: mcpdash servers [FLAGS]"),
    (["call"], "'call' needs SERVER"), (["call", "a"], "'call' needs TOOL"),
    (
      ["call", "a", "t", "{}", "x"],
      "'x' is too much; write: mcpdash call [FLAGS] SERVER TOOL [JSON]"
    ),
    (
      ["call", "a", "t", "{"],
      "the arguments, line 1, column 2: the file ends before the '}' of line 1"
    ),
    (
      ["call", "a", "t", "[]"],
      #"the arguments must be an object such as {"city": "Bern"}, not an array"#
    ),
    (
      ["demo", "--seed", "-1"],
      "--seed: '-1' is not a whole number from 0 to 18446744073709551615"
    ),
    (["completions", "tcsh"], "no completions for 'tcsh'; write bash, zsh or fish"),
    (["help", "cal"], "unknown command 'cal'; did you mean 'call'?"),
    (["breaker", "open"], "which servers? name them, or --all"),
    (["breaker", "reset", "a", "--all"], "too many choices; name servers, or --all"),
    (
      ["breaker", "open", "--for", "8d"],
      "--for: '8d' is not a time from 0s to 7d, such as 15m or 2h"
    ),
    (
      ["breaker", "open", "--for", "-1"],
      "--for: '-1' is not a time from 0s to 7d, such as 15m or 2h"
    ),
    (["breaker", "open", "--owner="], "--owner: '' is no name; leave it out to give your own"),
    (
      ["breaker", "reset", "--for", "1m"],
      "--for belongs to 'breaker open', 'breaker close', 'breaker disable', not to 'breaker reset'"
    ),
    (
      ["call", "a", "t", "--token-env", "T", "--token-file", "f"],
      "too many tokens; give --token-env or --token-file"
    ),
    (["reconnect"], "'reconnect' needs SERVER"),
    (["cache"], "'cache' needs one of: list, clear"),
    (
      ["cache", "clear", "a", "b", "c"],
      "'c' is too much; write: mcpdash cache clear [FLAGS] [SERVER] [KEY]"
    ),
    (["--refresh", "5m"], "--refresh: '5m' is not a time from 100ms to 1m"),
  ])
  func `what makes no sense is answered with what would`(words: [String], message: String) {
    #expect(failure(words)?.message == message)
  }

  @Test func `a usage error ends with 64, bad arguments of a tool with 65`() {
    #expect(failure(["snapshto"])?.status == .usage)
    #expect(failure(["call", "a", "t", "{"])?.status == .badData)
    #expect(
      failure(["snapshot", "--format"])?.text
        == "mcpdash: --format needs FORMAT\nTry 'mcpdash snapshot --help'.")
    #expect(
      failure(["snapshto"])?.text.hasSuffix("\nTry 'mcpdash --help'.") == true)
  }

  @Test func `a flag counts before its variable, the variable before the file`() throws {
    let environment = [
      "MCPDASH_CONFIG": "env.json", "MCPDASH_STATE_DIR": "/env", "MCPDASH_THEME": "env",
      "MCPDASH_REFRESH": "2", "MCPDASH_MOUSE": "0", "NO_COLOR": "0", "MCPDASH_ASCII": "",
    ]
    let settings = Configuration.Settings(
      theme: "file", mouse: true, refresh: .seconds(3))
    let bare = try read([]).options
    #expect(bare == GlobalOptions())
    #expect(bare.refresh(.init()) == .seconds(1))
    #expect(bare.refresh(settings) == .seconds(3))
    #expect(bare.theme(settings) == "file")
    #expect(bare.mouse(settings))
    let fromEnvironment = try read([], environment).options
    #expect(
      fromEnvironment
        == GlobalOptions(
          configurationFiles: ["env.json"], stateDirectory: "/env", theme: "env",
          isColorless: true, isASCII: false, mouse: false, refresh: .seconds(2)))
    #expect(fromEnvironment.refresh(settings) == .seconds(2))
    #expect(fromEnvironment.theme(settings) == "env")
    #expect(!fromEnvironment.mouse(settings))
    let fromFlags = try read(
      [
        "-c", "a", "--config=b", "--state-dir", "/f", "--theme", "f", "--refresh", "4", "--mouse",
        "--ascii",
      ], environment
    ).options
    #expect(
      fromFlags
        == GlobalOptions(
          configurationFiles: ["a", "b"], stateDirectory: "/f", theme: "f", isColorless: true,
          isASCII: true, mouse: true, refresh: .seconds(4)))
  }

  @Test func `a bad value in a variable is told by the variable's name`() {
    #expect(
      failure([], ["MCPDASH_REFRESH": "soon"])?.message
        == "MCPDASH_REFRESH: 'soon' is not a time from 100ms to 1d, such as 5 or 500ms")
  }

  @Test func `of a flag given twice the last counts`() throws {
    #expect(try read(["demo", "--seed", "1", "--seed", "2"]).action == .demo(seed: 2))
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func `no words at all make the parser fail otherwise than in words`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let vocabulary =
      CommandName.allCases.flatMap(\.words) + FlagTable.all.map { "--" + $0.long }
      + FlagTable.all.compactMap { $0.short.map { "-\($0)" } }
      + [
        "-", "--", "", "=", "--=", "-=", "7", "{}", "--format=json", "-fjson", "-jn", "\u{0}", "é",
      ]
    let words = (0..<Int.random(in: 0..<7, using: &random)).map { _ in
      vocabulary[Int.random(in: 0..<vocabulary.count, using: &random)]
    }
    if let failure = failure(words) { #expect(!failure.message.isEmpty) }
  }
}
