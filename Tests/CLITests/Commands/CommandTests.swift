import FleetModel
import Testing

@testable import CLI

/// What commands print, say and end with.
struct CommandTests {
  private static let usual = [
    "./mcpdash.json5": "{servers: {alpha: {command: 'a'}, beta: {url: 'http://u:p@b/mcp?k=1'}}}"
  ]

  private func bench(
    running: ScriptedFleet? = nil, own: ScriptedFleet = ScriptedFleet()
  ) -> ProgramBench {
    ProgramBench(doors: ScriptedDoors(running: running, own: own), files: Self.usual)
  }

  // MARK: - Which engine

  @Test func `a running engine is asked before one is started`() async {
    let bench = bench(running: ScriptedFleet())
    #expect(await bench.run("snapshot").status == .success)
    #expect(bench.doors.opened == ["running in /home/op/.local/state/mcpdash", "closed"])
  }

  @Test func `without a running engine one is started and ended`() async {
    let bench = bench()
    let result = await bench.run("snapshot", "--wait", "7")
    #expect(result.status == .success)
    #expect(result.slept == [.seconds(7)])
    #expect(
      bench.doors.opened == [
        "own of alpha,beta with /home/op/.local/state/mcpdash/dead-letters.sqlite3", "closed",
      ])
  }

  @Test func `the state directory moves the socket, the file moves the dead letters`() async {
    var bench = bench()
    bench.files = ["/c.json": "{servers: {a: {command: 'a'}}, deadLetters: {path: '/d/l.db'}}"]
    _ = await bench.run("--state-dir", "/s", "-c", "/c.json", "call", "alpha", "t")
    #expect(bench.doors.opened == ["own of a with /d/l.db", "closed"])
    let other = ProgramBench(doors: ScriptedDoors(running: ScriptedFleet()))
    _ = await other.run("--state-dir", "/s", "breaker", "list")
    #expect(other.doors.opened.first == "running in /s")
  }

  @Test(arguments: [
    ["breaker", "list"], ["breaker", "open", "--all"], ["breaker", "reset", "alpha"],
    ["breaker", "disable", "alpha"], ["reconnect", "alpha"], ["trust", "alpha"], ["cache", "list"],
    ["cache", "clear"], ["stats", "alpha", "--json"], ["dlq", "stop", "1"],
  ])
  func `what only a running engine can do ends with 5 without one`(words: [String]) async {
    let result = await bench().run(words)
    #expect(result.status == .noEngine)
    #expect(
      result.complaints == [
        "mcpdash: no mcpdash runs here (nothing answers on "
          + "/home/op/.local/state/mcpdash/control.sock); start 'mcpdash' in another terminal,"
          + " or name its state with --state-dir"
      ])
    #expect(result.output.isEmpty)
  }

  // MARK: - Configuration

  @Test func `without a configuration it says where it looked`() async {
    let result = await ProgramBench().run("snapshot")
    #expect(result.status == .noConfiguration)
    #expect(
      result.complaints == [
        "mcpdash: no configuration: there is none of "
          + StandardPlaces(environment: ["HOME": "/home/op"]).configurations
          .joined(separator: ", ")
          + "; write one, name one with --config, or look at 'mcpdash demo'"
      ])
  }

  @Test func `a configuration that cannot be used starts nothing`() async {
    var bench = bench()
    bench.files = ["./.mcp.json": "{servers: {alpha: {comand: 'a'}}}"]
    let result = await bench.run("snapshot")
    #expect(result.status == .badData)
    #expect(
      result.complaints == [
        "mcpdash: warning: ./.mcp.json:1:28: servers.alpha.comand: unknown key 'comand';"
          + " did you mean 'command'?",
        "mcpdash: error: ./.mcp.json:1:19: servers.alpha: has neither command nor url;"
          + " write command for a program, url for HTTP",
        "mcpdash: the configuration cannot be used; nothing was started",
      ])
    #expect(bench.doors.opened.isEmpty)
  }

  @Test func `of many problems the first are told and the others counted`() async {
    var bench = bench()
    let entries = (0..<40).map { "s\($0): {}" }.joined(separator: ", ")
    bench.files = ["./.mcp.json": "{servers: {\(entries)}}"]
    let result = await bench.run("snapshot")
    #expect(result.complaints.count == 14)
    #expect(
      result.complaints[12] == "mcpdash: and 28 more; 'mcpdash check' shows all")
  }

  @Test func `a named file that is not there ends with 66`() async {
    let result = await bench().run("-c", "no.json", "snapshot")
    #expect(result.status == .noConfiguration)
    #expect(
      result.complaints == [
        "mcpdash: no.json: cannot read 'no.json': No such file or directory"
      ])
  }

  @Test func `a checked configuration is told with its faults and a status`() async {
    var bench = bench()
    #expect(
      await bench.run("check-config").output
        == "dead letters: /home/op/.local/state/mcpdash/dead-letters.sqlite3 (the default)\n"
        + "1 file, 2 servers, 0 errors, 0 warnings\n")
    bench.files = ["./.mcp.json": "{servers: {alpha: {command: 'a'}, beta: 7}}"]
    let result = await bench.run("check-config")
    #expect(result.status == .badData)
    #expect(
      result.output == """
        error: ./.mcp.json:1:41: servers.beta: must be an object with command or url, not a number
        dead letters: /home/op/.local/state/mcpdash/dead-letters.sqlite3 (the default)
        1 file, 1 server, 1 error, 0 warnings

        """)
    #expect(
      await bench.run("check-config", "--json").output
        == #"{"ok":false,"files":["./.mcp.json"],"#
        + #""servers":[{"name":"alpha","transport":"stdio","address":"a","endpoints":[],"#
        + #""source":"./.mcp.json: servers.alpha"}],"#
        + #""deadLetters":{"store":"/home/op/.local/state/mcpdash/dead-letters.sqlite3","#
        + #""origin":"the default","state":"set","trouble":null,"size":null,"durability":null},"#
        + #""errors":[{"file":"./.mcp.json","line":1,"column":41,"path":"servers.beta","#
        + #""server":"beta","message":"must be an object with command or url, not a number"}],"#
        + #""warnings":[]}"# + "\n")
  }

  @Test func `configured servers are listed without their secrets`() async {
    let result = await bench().run("servers")
    #expect(
      result.output == """
        SERVER  TRANSPORT  ADDRESS         SOURCE
        alpha   stdio      a               ./mcpdash.json5: servers.alpha
        beta    http       http://…@b/mcp  ./mcpdash.json5: servers.beta

        """)
  }

  // MARK: - Snapshots, breakers

  @Test(arguments: ["json", "text", "prometheus"])
  func `a snapshot is printed again and again with the time between`(format: String) async {
    let result = await bench(running: ScriptedFleet())
      .run("snapshot", "-f", format, "--every", "2", "--count", "3")
    #expect(result.status == .success)
    #expect(result.slept == [.seconds(2), .seconds(2)])
    let once = await bench(running: ScriptedFleet()).run("snapshot", "-f", format).output
    #expect(!once.isEmpty)
    let pictures = [once, once, once].joined(separator: format == "text" ? "\n" : "")
    #expect(result.output == pictures)
  }

  @Test func `a breaker command without a name is for every server`() async {
    let fleet = ScriptedFleet()
    let result = await bench(running: fleet).run("breaker", "close", "--all")
    #expect(result.output == "done with alpha\ndone with beta\n")
    #expect(fleet.asked.count == 2)
  }

  @Test(arguments: [
    (["breaker", "open"], BreakerOverride.Kind.open), (["breaker", "close"], .closed),
    (["breaker", "disable"], .disabled),
  ])
  func `a hold carries its reason, its owner and its time`(
    words: [String], kind: BreakerOverride.Kind
  ) async {
    let fleet = ScriptedFleet()
    let result = await bench(running: fleet).run(
      words + ["beta", "alpha", "--for", "1h", "--reason", "bad deploy", "--owner", "ann"])
    #expect(result.output == "done with beta\ndone with alpha\n")
    let override = BreakerOverride(
      kind, reason: "bad deploy", owner: "ann", timeToLive: .seconds(3600))
    #expect(
      fleet.asked == ["beta", "alpha"].map { "\(Command.override(ServerID($0), override))" })
  }

  @Test(arguments: [
    (["HOME": "/home/op", "USER": "eve"], "sys", "eve"),
    (["HOME": "/home/op", "USER": ""], "sys", "sys"), (["HOME": "/home/op"], nil, "unknown"),
  ])
  func `a hold is owned by the user of the shell, else of the system, else by nobody known`(
    environment: [String: String], userName: String?, owner: String
  ) async {
    let fleet = ScriptedFleet()
    var bench = bench(running: fleet)
    (bench.environment, bench.userName) = (environment, userName)
    _ = await bench.run("breaker", "open", "alpha")
    let override = BreakerOverride(.open, owner: owner, timeToLive: .seconds(900))
    #expect(fleet.asked == ["\(Command.override(ServerID("alpha"), override))"])
  }

  @Test func `a reconnection and a cleared cache say what was done`() async {
    let fleet = ScriptedFleet()
    let bench = bench(running: fleet)
    #expect(await bench.run("reconnect", "alpha").output == "done with alpha\n")
    #expect(await bench.run("cache", "clear").output == "discarded\n")
    #expect(await bench.run("cache", "clear", "alpha").status == .success)
    #expect(await bench.run("cache", "clear", "alpha", "tools/list {}").status == .success)
    #expect(
      fleet.asked
        == [
          Command.reconnect(ServerID("alpha")), .invalidateCache(.all),
          .invalidateCache(.server(ServerID("alpha"))),
          .invalidateCache(.entry(ServerID("alpha"), "tools/list {}")),
        ].map { "\($0)" })
  }

  @Test func `cache and statistics are printed as the engine tells them`() async {
    let bench = bench(running: ScriptedFleet())
    #expect(
      await bench.run("cache", "list", "beta").output
        == "beta: 0 entries, 0 hits, 0 misses, - found, 0 evicted\n")
    #expect(
      await bench.run("cache", "list", "beta", "--json").output
        == #"{"cache":[{"name":"beta","size":0,"hits":0,"misses":0,"hitRate":null,"expired":0,"#
        + #""stale":0,"evictions":0,"entries":[]}]}"# + "\n")
    #expect(await bench.run("stats").output.hasPrefix("SERVER, OPERATION"))
    #expect(
      await bench.run("stats", "beta", "-j").output
        == #"{"servers":[{"name":"beta","retries":0,"amplification":null,"#
        + #""budget":{"used":0,"limit":0},"operations":[]}]}"# + "\n")
  }

  @Test(arguments: [["snapshot"], ["servers"], ["call", "alpha", "t", "--json"], ["stats"]])
  func `when nobody reads on it ends without a word`(words: [String]) async {
    var bench = bench(running: ScriptedFleet())
    bench.isPipeBroken = true
    let result = await bench.run(words)
    #expect(result == .init(status: .brokenPipe, output: "", complaints: [], slept: []))
  }
}
