import FleetModel
import Testing

@testable import CLI

/// What an engine that runs makes of changes.
struct SourceKeeperTests {
  private static let own = "./mcpdash.json5"
  private static let cursor = "./.cursor/mcp.json"
  private static let texts = [
    own: "{servers: {a: {command: 'a'}, b: {command: 'b'}, c: {command: 'c'}}}",
    cursor: "{mcpServers: {d: {command: 'd'}}}",
  ]

  @Test func `a change is carried out once it has rested, and says what changed`() async {
    let bench = await KeeperBench.start(Self.texts)
    bench.files[Self.own] = "{servers: {a: {command: 'x'}, b: {command: 'b'}, e: {command: 'e'}}}"
    await bench.waits.step()
    #expect(await bench.fleet.lists.isEmpty)
    // Still being written.
    bench.files[Self.own] = "{servers: {a: {command: 'x'}, b: {command: 'b'}, f: {command: 'f'}}}"
    await bench.waits.step()
    #expect(await bench.fleet.lists.isEmpty)
    await bench.waits.step()
    #expect(await bench.fleet.names == [["a", "b", "f", "d"]])
    #expect(
      await bench.fleet.announcements == [
        "info: configuration read again: 4 servers, 1 new, 1 changed, 1 gone"
      ])
    await bench.pass()
    #expect(await bench.fleet.lists.count == 1)
    await bench.stop()
  }

  @Test func `a file that changes without end is read in the end`() async {
    let bench = await KeeperBench.start(Self.texts)
    bench.files[Self.own] = "{servers: {x: {command: 'x'}}}"
    for number in 0...SourceKeeper.settlingLimit {
      await bench.waits.step()
      if number < SourceKeeper.settlingLimit {
        #expect(await bench.fleet.lists.isEmpty)
        bench.files[Self.own] = "{servers: {x: {command: 'x'}}}"
      }
    }
    #expect(await bench.fleet.names == [["x", "d"]])
    await bench.stop()
  }

  @Test func `a change that changes nothing is not worth a word`() async {
    let bench = await KeeperBench.start(Self.texts)
    bench.files[Self.cursor] = "{mcpServers: {d: {command: 'd'}}} // touched"
    await bench.pass()
    #expect(await bench.fleet.lists.isEmpty)
    #expect(await bench.fleet.announcements.isEmpty)
    await bench.stop()
  }

  @Test(arguments: ["", "{", "{servers: 5}", "{servers: {a: {command: 'a'}}, include: 'no'}"])
  func `a broken text changes nothing until it is mended`(text: String) async {
    let bench = await KeeperBench.start(Self.texts)
    bench.files[Self.own] = text
    await bench.pass()
    #expect(await bench.fleet.lists.isEmpty)
    let said = await bench.fleet.announcements
    #expect(said.first == "error: the configuration was not taken over, for it has mistakes")
    #expect(said.dropFirst().contains { $0.contains(Self.own) })
    let source = await bench.fleet.shown.last?.first
    #expect(source?.isWell == false)
    #expect(source?.serverCount == 3)
    bench.files[Self.own] = "{servers: {z: {command: 'z'}}}"
    await bench.pass()
    #expect(await bench.fleet.names == [["z", "d"]])
    #expect(await bench.fleet.shown.last?.first?.isWell == true)
    await bench.stop()
  }

  @Test func `a mistake in one server leaves that server as it was, in its place`() async {
    let bench = await KeeperBench.start(Self.texts)
    bench.files[Self.own] = "{servers: {a: {command: 'x'}, b: {command: 5}, c: {command: 'y'}}}"
    await bench.pass()
    let list = await bench.fleet.lists.last ?? []
    #expect(list.map(\.id.name) == ["a", "b", "c", "d"])
    #expect(list.map(\.endpoint.address) == ["x", "b", "y", "d"])
    #expect(await bench.fleet.announcements.contains { $0.contains("servers.b.command") })
    bench.files[Self.own] = "{servers: {a: {command: 'x'}, c: {command: 'y'}}}"
    await bench.pass()
    #expect(await bench.fleet.names.last == ["a", "c", "d"])
    await bench.stop()
  }

  @Test func `a broken file of another program keeps its servers, and the others change`() async {
    let bench = await KeeperBench.start(Self.texts)
    bench.files[Self.cursor] = "{"
    bench.files[Self.own] = "{servers: {a: {command: 'a'}}}"
    await bench.pass()
    #expect(await bench.fleet.names == [["a", "d"]])
    let source = await bench.fleet.shown.last?.last
    #expect(source?.name == Self.cursor)
    #expect(source?.isWell == false)
    #expect(source?.serverCount == 1)
    bench.files[Self.cursor] = "{mcpServers: "
    await bench.pass()
    #expect(await bench.fleet.lists.count == 1)
    bench.files[Self.cursor] = "{}"
    await bench.pass()
    #expect(await bench.fleet.names.last == ["a"])
    await bench.stop()
  }

  @Test func `files that come and go are seen`() async {
    let bench = await KeeperBench.start(Self.texts)
    bench.files["./.mcp.json"] = "{mcpServers: {n: {command: 'n', envFile: 'v'}}}"
    await bench.pass()
    // Its file of variables is missing.
    #expect(await bench.fleet.lists.isEmpty)
    bench.files[ConfigurationBench.directory + "/v"] = "A=1"
    await bench.pass()
    #expect(await bench.fleet.names == [["a", "b", "c", "n", "d"]])
    bench.files[ConfigurationBench.directory + "/v"] = "A=2"
    await bench.pass()
    #expect(await bench.fleet.lists.count == 2)
    bench.files[Self.own] = nil
    await bench.pass()
    #expect(await bench.fleet.names.last == ["n", "d"])
    bench.files["./.mcp.json"] = nil
    bench.files[Self.cursor] = nil
    await bench.pass()
    #expect(await bench.fleet.names.last == ["n", "d"])
    #expect(await bench.fleet.announcements.last?.contains("no configuration") == true)
    await bench.stop()
  }

  @Test func `asked to, it reads again and says so even if nothing changed`() async {
    let bench = await KeeperBench.start(Self.texts)
    bench.keeper.reload()
    await bench.fleet.until { !$0.announcements.isEmpty }
    #expect(
      await bench.fleet.announcements == [
        "info: configuration read again: 4 servers, nothing changed"
      ])
    #expect(await bench.fleet.lists.isEmpty)
    await bench.stop()
  }

  @Test func `only the files that were named are followed`() async {
    let bench = await KeeperBench.start(Self.texts, named: [Self.cursor])
    bench.files[Self.own] = "{servers: {z: {command: 'z'}}}"
    await bench.pass()
    #expect(await bench.fleet.lists.isEmpty)
    bench.files[Self.cursor] = "{mcpServers: {e: {command: 'e'}}}"
    await bench.pass()
    #expect(await bench.fleet.names == [["e"]])
    await bench.stop()
  }

  @Test func `every file that is there is shown with its servers and those switched off`() async {
    let bench = await KeeperBench.start([
      Self.own: "{servers: {a: {command: 'a'}, x: {command: 'x', disabled: true}}}",
      Self.cursor: "{",
    ])
    let shown = await bench.fleet.shown.last ?? []
    #expect(shown.map(\.name) == [Self.own, Self.cursor])
    #expect(shown.map(\.serverCount) == [1, 0])
    #expect(shown.map(\.isWell) == [true, false])
    #expect(
      shown.first?.text == "read \(ScriptedFleet.now.rfc3339); switched off: x")
    await bench.stop()
  }

  // MARK: - Other sources

  @Test func `what other sources have comes behind the files, each name once`() async {
    let source = ScriptedSource()
    let bench = await KeeperBench.start(Self.texts, sources: [source])
    source.has("a", "t")
    await bench.fleet.until { $0.lists.count == 1 && $0.shown.last?.count == 3 }
    #expect(await bench.fleet.names == [["a", "b", "c", "d", "a (toolhive)", "t"]])
    #expect(await bench.fleet.shown.last?.last?.name == "http://localhost:8080")
    source.has("t")
    await bench.fleet.until { $0.lists.count == 2 }
    #expect(await bench.fleet.names.last == ["a", "b", "c", "d", "t"])
    bench.files[Self.own] = "{servers: {}, policies: {t: {retry: {retries: 8}}}}"
    await bench.pass()
    #expect(await bench.fleet.names.last == ["d", "t"])
    #expect(await bench.fleet.lists.last?.last?.policies.retry.schedule.retryLimit == 8)
    await bench.stop()
  }

  @Test(arguments: [true, false])
  func `a server that turns up late is probed where the command wants probes`(
    runsProbes: Bool
  ) async {
    let text = "{servers: {p: {command: 'p', probes: [{tool: 't', every: '1m'}]}}"
    let source = ScriptedSource()
    let bench = await KeeperBench.start(
      [Self.own: text + ", probes: {t: [{tool: 't', every: '1m'}]}}"], sources: [source],
      scope: FleetScope(runsProbes: runsProbes))
    let count = runsProbes ? 1 : 0
    source.has("t")
    await bench.fleet.until { $0.lists.count == 1 }
    #expect(await bench.fleet.names == [["p", "t"]])
    #expect(await bench.fleet.lists.last?.map(\.probes.count) == [count, count])
    bench.files[Self.own] = text.replacing("'p',", with: "'q',") + "}"
    await bench.pass()
    #expect(await bench.fleet.lists.last?.map(\.endpoint.address) == ["q", "http://t/"])
    #expect(await bench.fleet.lists.last?.map(\.probes.count) == [count, 0])
    await bench.stop()
  }

  @Test func `where one server is asked for no other turns up late but its stand-ins`() async {
    let source = ScriptedSource()
    let text = """
      {servers: {a: {command: 'a', fallbacks: [{tool: '*', server: 't'}]}, b: {command: 'b'}}}
      """
    let bench = await KeeperBench.start(
      [Self.own: text], sources: [source], scope: FleetScope(server: ServerID("a")))
    source.has("s", "t")
    await bench.fleet.until { !$0.lists.isEmpty }
    #expect(await bench.fleet.names == [["a", "t"]])
    bench.files[Self.own] = text.replacing("'b'", with: "'x'")
    await bench.pass()
    #expect(await bench.fleet.lists.count == 1)
    await bench.stop()
  }

  @Test func `a server of another source that is asked for runs alone once it is known`() async {
    let source = ScriptedSource()
    let bench = await KeeperBench.start(
      Self.texts, sources: [source], scope: FleetScope(server: ServerID("t")))
    source.has("s", "t")
    await bench.fleet.until { !$0.lists.isEmpty }
    #expect(await bench.fleet.names == [["t"]])
    await bench.stop()
  }

  @Test func `a source that gives up beside files is told and ends nothing`() async {
    let source = ScriptedSource()
    let bench = await KeeperBench.start(Self.texts, sources: [source])
    source.has("t")
    await bench.fleet.until { $0.lists.count == 1 }
    source.giveUp()
    await bench.fleet.until { $0.shown.last?.last?.isWell == false }
    #expect(await bench.fleet.announcements.last == "error: nobody is there")
    #expect(await bench.fleet.names == [["a", "b", "c", "d", "t"]])
    #expect(bench.keeper.failure == nil)
    await bench.stop()
  }

  @Test func `where it was the only source the program is to end`() async {
    let source = ScriptedSource()
    let bench = await KeeperBench.start([:], sources: [source])
    #expect(bench.keeper.failure == nil)
    source.giveUp()
    await bench.fleet.until { !$0.announcements.isEmpty }
    #expect(bench.keeper.failure == CommandFailure("nobody is there", .failure))
    await bench.stop()
  }
}
