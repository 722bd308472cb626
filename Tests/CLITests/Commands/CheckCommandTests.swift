import FleetModel
import Testing
import Wire

@testable import CLI

/// `mcpdash check`: what it looks at, how long it waits, what it says and ends with.
struct CheckCommandTests {
  private static let path = "./mcpdash.json5"
  private static let usual = [
    path: "{servers: {alpha: {command: 'a'}, beta: {url: 'http://u:p@b/mcp?k=1'}}}"
  ]

  private static func bench(_ pictures: [Snapshot], isRunning: Bool = false) -> ProgramBench {
    let fleet = ScriptedFleet(pictures: pictures)
    return ProgramBench(
      doors: isRunning ? ScriptedDoors(running: fleet) : ScriptedDoors(own: fleet), files: usual)
  }

  private static func snapshot(_ change: (inout ServerSnapshot, inout ServerSnapshot) -> Void)
    -> Snapshot
  {
    var snapshot = Snapshot(
      at: ScriptedFleet.now,
      engine: EngineIdentity(name: "mcpdash", version: "1", startedAt: ScriptedFleet.now))
    var alpha = ServerSnapshot(id: ServerID("alpha"), transport: .stdio)
    var beta = ServerSnapshot(id: ServerID("beta"), transport: .http)
    change(&alpha, &beta)
    snapshot.servers = [alpha, beta]
    return snapshot
  }

  private static func well(_ server: inout ServerSnapshot) {
    server.isConnected = true
    server.era = .modern
    server.protocolVersion = "2026-07-28"
    server.health.status = .healthy
    server.health.responseTime = .microseconds(1500)
    server.toolCount = 7
  }

  private static let bothWell = snapshot { alpha, beta in
    well(&alpha)
    well(&beta)
  }

  private static let oneDown = snapshot { alpha, beta in
    well(&alpha)
    beta.health.lastError = "Failed to connect to b port 80\u{1B}[2J"
  }

  private static let starting = snapshot { _, _ in }

  @Test func `all that is well is told and ends with 0`() async {
    let bench = Self.bench([Self.bothWell])
    let result = await bench.run("check")
    #expect(result.status == .success)
    #expect(result.complaints.isEmpty)
    #expect(
      result.output.hasPrefix(
        """
        Sources
          read     ./mcpdash.json5 (mcpdash): 2 servers: alpha, beta
          absent   /home/op/.config/mcpdash/mcpdash.json5 (mcpdash)
        """))
    #expect(
      result.output.contains(
        """

        Servers
          SERVER  STATE  TRANSPORT  ERA     PROTOCOL    TOOLS    TRIP
          alpha   up     stdio      modern  2026-07-28      7  1.5 ms

        """))
    #expect(result.output.hasSuffix("\n\n2 of 2 servers well, 0 errors and 0 warnings\n"))
    #expect(
      bench.doors.opened == [
        "own of alpha,beta with /home/op/.local/state/mcpdash/dead-letters.sqlite3", "closed",
      ])
  }

  @Test func `a server that cannot be reached is told with the reason and ends with 69`() async {
    let result = await Self.bench([Self.oneDown]).run("check")
    #expect(result.status == .unavailable)
    #expect(result.output.contains("\n  beta    down   http"))
    #expect(result.output.contains("\n      Failed to connect to b port 80\u{FFFD}[2J\n"))
    #expect(result.output.hasSuffix("1 of 2 servers well, 0 errors and 0 warnings\n"))
  }

  @Test func `a mistake is told with its place, its path and what to write, and ends with 65`()
    async
  {
    var bench = Self.bench([Self.oneDown])
    bench.files[Self.path] = "{servers: {alpha: {command: 'a'}, beta: {}}}"
    let result = await bench.run("check")
    #expect(result.status == .badData)
    #expect(
      result.output.contains(
        """
        Problems
          error    ./mcpdash.json5:1:41 servers.beta
                   has neither command nor url; write command for a program, url for
                   HTTP

        """))
    for line in result.output.split(separator: "\n") { #expect(line.count <= 80) }
  }

  @Test func `it waits until every server has answered, and says for whom`() async {
    let result = await Self.bench([Self.starting, Self.starting, Self.bothWell]).run("check")
    #expect(result.status == .success)
    #expect(result.slept == [CheckCommand.pause, CheckCommand.pause])
    #expect(result.said == "connecting: 0 of 2 servers, waiting for alpha, beta\n")
    let quiet = await Self.bench([Self.starting, Self.bothWell]).run("check", "-q")
    #expect(quiet.said.isEmpty)
  }

  private static func stored(
    _ durability: DeadLetterDurability?, trouble: String? = nil
  ) -> Snapshot {
    var snapshot = bothWell
    snapshot.deadLetters.store = "redis://r:6379/0"
    snapshot.deadLetters.durability = durability
    snapshot.deadLetters.trouble = trouble
    snapshot.deadLetters.size = durability == nil ? 0 : 3
    return snapshot
  }

  @Test func `it waits for the store of dead letters, and says how durable that is`() async {
    let lossy = DeadLetterDurability(.lossy, "Redis keeps the queue in memory only")
    let result = await Self.bench([Self.stored(nil), Self.stored(lossy)]).run("check")
    #expect(result.status == .success, "it is a warning")
    #expect(result.slept == [CheckCommand.pause])
    #expect(result.said == "connecting: 2 of 2 servers, waiting for the dead letters' store\n")
    #expect(result.output.contains("open letters\n  lossy    Redis keeps the queue in memory"))
    let json = await Self.bench([Self.stored(lossy)]).run("check", "--json")
    #expect(
      json.output.contains(
        #""size":3,"durability":{"grade":"lossy","text":"Redis keeps the queue in memory only"}}"#))
  }

  @Test func `a store that does not answer in time is not called well`() async {
    let silent = await Self.bench([Self.stored(nil)]).run("check", "--wait", "2")
    #expect(silent.output.contains("\n  set      "))
    let ill = await Self.bench([Self.stored(nil, trouble: "no answer")]).run("check")
    #expect(ill.status == .unavailable && ill.slept == [])
    #expect(ill.output.contains("\n  ill      "))
  }

  @Test func `it waits no longer than it may`() async {
    let result = await Self.bench([Self.starting]).run("check", "--wait", "2")
    #expect(result.status == .unavailable)
    #expect(result.slept.count == 20)
    #expect(result.output.contains("no answer yet"))
  }

  @Test func `a server without a list of tools is not waited for for ever`() async {
    let toolless = Self.snapshot { alpha, beta in
      Self.well(&alpha)
      Self.well(&beta)
      beta.toolCount = nil
    }
    let result = await Self.bench([toolless]).run("check", "--wait", "1m")
    #expect(result.status == .success)
    #expect(result.slept.count == 9)
  }

  @Test func `a running engine is asked, and what it does not have is told`() async {
    var bench = Self.bench([Self.bothWell], isRunning: true)
    bench.files[Self.path] = "{servers: {alpha: {command: 'a'}, gamma: {command: 'g'}}}"
    let result = await bench.run("check")
    #expect(result.status == .unavailable)
    #expect(result.output.contains("as the running mcpdash sees them"))
    #expect(result.output.contains("\n  gamma   absent  stdio"))
    #expect(result.output.contains("\n  beta    up      http"))
    #expect(bench.doors.opened.last == "closed")
  }

  @Test func `a running engine is explained where there is no configuration`() async {
    var bench = Self.bench([Self.bothWell], isRunning: true)
    bench.files = [:]
    #expect(await bench.run("check").status == .success)
    #expect(await bench.run("check", "--offline").status == .noConfiguration)
    #expect(await bench.run("check", "-c", "no.json").status == .noConfiguration)
    #expect(await ProgramBench().run("check").status == .noConfiguration)
  }

  @Test func `offline it connects to nobody`() async {
    let bench = Self.bench([Self.oneDown], isRunning: true)
    let result = await bench.run("check", "--offline")
    #expect(result.status == .success)
    #expect(bench.doors.opened.isEmpty)
    #expect(result.output.contains("Servers, not connected to\n  SERVER  TRANSPORT"))
    #expect(result.output.hasSuffix("2 servers configured, 0 errors and 0 warnings\n"))
  }

  @Test func `what cannot be used starts nothing`() async {
    var bench = Self.bench([Self.oneDown])
    bench.files[Self.path] = "{servers: {beta: {}}}"
    #expect(await bench.run("check").status == .badData)
    #expect(bench.doors.opened.isEmpty)
  }

  @Test func `as JSON it says the same`() async throws {
    var bench = Self.bench([Self.oneDown])
    let output = await bench.run("check", "--json").output
    let document = try JSONView(Array(output.utf8))
    #expect(document.member("ok")?.bool == false)
    #expect(document.member("engine")?.string == "own")
    let source = document.member("sources")?.elements.map { $0 }.first
    #expect(source?.member("state")?.string == "read")
    let servers = document.member("servers")?.elements.map { $0 } ?? []
    #expect(servers.map { $0.member("state")?.string } == ["up", "down"])
    #expect(servers.first?.member("roundTripSeconds")?.double == 0.0015)
    #expect(!output.contains("\u{1B}") && !output.contains("k=1"))
    bench.files[Self.path] = "{servers: {beta: {}}}"
    let broken = await bench.run("check", "-j").output
    let problem = try JSONView(Array(broken.utf8)).member("errors")?.elements.map { $0 }.first
    #expect(problem?.member("line")?.int == 1)
    #expect(problem?.member("path")?.string == "servers.beta")
  }

  @Test(arguments: [
    ([String](), [String: String](), true), (["--no-color"], [:], false),
    ([], ["NO_COLOR": "1"], false), ([], ["TERM": "dumb"], false),
  ])
  func `it is coloured where terminal and operator allow`(
    words: [String], environment: [String: String], isColoured: Bool
  ) async {
    var bench = Self.bench([Self.oneDown])
    bench.environment.merge(environment) { $1 }
    #expect(!(await bench.run("check").output.contains("\u{1B}")))
    bench.isTerminal = true
    #expect(await bench.run(words + ["check"]).output.contains("\u{1B}[31mdown") == isColoured)
  }

  // MARK: - Pictures

  private func picture(_ members: String) throws -> ServerPicture {
    let text = #"{"name":"a","connected":false,"health":{"status":"unknown"}\#(members)}"#
    let view = try JSONView(Array(text.utf8))
    return try #require(ServerPicture(view))
  }

  private static let impostor =
    #","impostor":{"address":"h:2","expected":{"name":"x","toolsDigest":"0123456789abcdef"},"#
    + #""found":{"name":"","toolsDigest":"fedc"}}"#

  @Test func `an impostor is told with who is expected and who was found`() throws {
    let server = try picture(Self.impostor)
    #expect(server.state == .impostor)
    #expect(server.isSettled)
    var report = CheckReport(configuration: Configuration())
    report.engine = .running
    report.servers = [server]
    let text = report.text(columns: 80, ink: Ink(isOn: false))
    #expect(text.contains("\n      expected x, tools 0123456789ab…\n"))
    #expect(text.contains("\n      found at h:2 a server without a name, tools fedc…\n"))
    #expect(text.contains("'mcpdash trust a'"))
    #expect(report.json.contains(#""state":"impostor","well":false"#))
  }

  @Test(arguments: [
    ("", ServerPicture.State.start), (#","connectFailure":"refused""#, .down),
    (#","crashLoop":{"lastWords":"no"}"#, .loop),
    (#","connected":true"#, .start),
  ])
  func `a server's state is the screen's`(members: String, state: ServerPicture.State) throws {
    #expect(try picture(members).state == state)
  }

  @Test func `where a source is ill not all is well`() {
    var report = CheckReport(configuration: Configuration())
    report.engine = .own
    report.engineSources = [
      SourcePicture(
        name: "http://h:8080", kind: .toolhive, serverCount: 0, isWell: false,
        text: "refused\u{1B}[2J")
    ]
    #expect(report.status == .unavailable)
    let text = report.text(columns: 80, ink: Ink(isOn: false))
    #expect(
      text.contains("  ill      http://h:8080 (ToolHive): 0 servers, refused\u{FFFD}[2J\n"))
  }

  @Test func `where was looked is told of every source`() {
    var configuration = Configuration()
    configuration.sources = [
      ConfigurationSource(path: "/p/mcp.json", program: .cursor, state: .absent),
      ConfigurationSource(path: "/c.json", program: .claudeCode, state: .unusable("not JSON")),
      ConfigurationSource(path: "/m.json5", program: .mcpdash, state: .read),
    ]
    let text = CheckReport(configuration: configuration)
      .text(columns: 80, ink: Ink(isOn: false))
    #expect(
      text.hasPrefix(
        """
        Sources
          absent   /p/mcp.json (Cursor)
          unusable /c.json (Claude Code): not JSON
          read     /m.json5 (mcpdash): no servers

        """))
  }
}
