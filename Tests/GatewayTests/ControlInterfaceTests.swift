import FleetModel
import Gateway
import Telemetry
import Testing
import Wire

@Suite struct ControlInterfaceTests {
  @Test(arguments: [
    ("/snapshot", "application/json"), ("/snapshot.txt", "text/plain; charset=utf-8"),
    ("/snapshot.txt?columns=40", "text/plain; charset=utf-8"),
    ("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
    ("/servers.json", "application/json"), ("/servers.txt", "text/plain; charset=utf-8"),
    ("/breakers.json", "application/json"),
    ("/breakers.txt?columns=1", "text/plain; charset=utf-8"), ("/engine", "application/json"),
    ("/dead-letters", "application/json"), ("/cache", "application/json"),
    ("/cache?server=search", "application/json"), ("/stats", "application/json"),
    ("/cache.txt?columns=40&server=search", "text/plain; charset=utf-8"),
    ("/stats.txt?columns=80", "text/plain; charset=utf-8"),
    ("/dead-letters.txt?limit=3&columns=60", "text/plain; charset=utf-8"),
  ])
  func `every picture is there to be read`(target: String, contentType: String) async throws {
    let answer = await Console().get(target)
    #expect(answer.status == 200)
    #expect(answer.contentType == contentType)
    #expect(answer.body.last == UInt8(ascii: "\n"))
    if contentType == "application/json" { #expect(throws: Never.self) { try answer.document() } }
  }

  @Test func `pictures are those of the exports`() async {
    let console = Console()
    let snapshot = console.fleet.snapshot
    #expect(await console.get("/snapshot").text == SnapshotJSON.render(snapshot).text + "\n")
    #expect(await console.get("/metrics").text == SnapshotPrometheus.render(snapshot))
    #expect(
      await console.get("/snapshot.txt?columns=33").text
        == SnapshotText.render(snapshot, columns: 33))
    #expect(
      await console.get("/servers.txt?columns=33").text
        == ServerTable.text(snapshot, columns: 33))
    #expect(
      await console.get("/breakers.txt").text
        == BreakerTable.text(snapshot, columns: ControlInterface.standardColumns))
    #expect(await console.get("/cache").text == CacheTable.json(snapshot).text + "\n")
    #expect(
      await console.get("/cache.txt?columns=33").text == CacheTable.text(snapshot, columns: 33))
    #expect(await console.get("/stats").text == StatisticsTable.json(snapshot).text + "\n")
    #expect(
      await console.get("/stats.txt?columns=80").text
        == StatisticsTable.text(snapshot, columns: 80))
    #expect(
      await console.get("/engine").text
        == #"{"name":"mcpdash","version":"0.1.0","startedAt":"2026-11-21T03:04:05.678Z"}"# + "\n")
  }

  @Test(arguments: [
    ("/breakers/pay%2Fments%20%C3%bc/open", override(.open)),
    ("/breakers/pay%2Fments%20%C3%bc/close", override(.closed)),
    ("/breakers/pay%2Fments%20%C3%bc/disable", override(.disabled)),
    ("/breakers/pay%2Fments%20%C3%bc/reset", .resetBreaker(ServerID("pay/ments ü"))),
    ("/servers/pay%2Fments%20%C3%bc/reconnect", .reconnect(ServerID("pay/ments ü"))),
    ("/cache/clear", .invalidateCache(.all)),
  ])
  func `a command needs no body, and a name is percent-encoded`(
    target: String, command: Command
  ) async {
    for body in ["", "{}"] {
      let console = Console()
      let answer = await console.post(target, body)
      #expect(answer.text == #"{"text":"done","replay":null,"letters":null}"# + "\n")
      #expect(console.fleet.remembered.commands == [command])
    }
  }

  private static func override(_ kind: BreakerOverride.Kind) -> Command {
    .override(
      ServerID("pay/ments ü"),
      BreakerOverride(kind, owner: "control", timeToLive: .seconds(900)))
  }

  @Test func `an override takes a reason, an owner and its time`() async {
    let console = Console()
    let answer = await console.post(
      "/breakers/search/disable",
      #"{"reason":"maintenance \u001b[2J","owner":"ann","ttlSeconds":0}"#)
    #expect(answer.status == 200)
    #expect(
      console.fleet.remembered.commands == [
        .override(
          ServerID("search"),
          BreakerOverride(
            .disabled, reason: "maintenance \u{1B}[2J", owner: "ann", timeToLive: .zero))
      ])
  }

  @Test func `an owner or a reason is cut at its limit, however few letters it seems to have`()
    async
  {
    let marks = "a" + String(repeating: "\u{301}", count: 5000)
    let console = Console()
    let answer = await console.post(
      "/breakers/search/open", #"{"reason":"\#(marks)","owner":"\#(marks)"}"#)
    #expect(answer.status == 200)
    guard case .override(_, let override)? = console.fleet.remembered.commands.first else {
      Issue.record("no override")
      return
    }
    #expect(override.reason.unicodeScalars.count == ControlOverride.textLimit)
    #expect(override.owner.unicodeScalars.count == ControlOverride.textLimit)
  }

  @Test func `a list of one server leaves the others out`() async throws {
    for path in ["/cache", "/stats"] {
      let all = await Console().get(path).text
      let one = await Console().get(path + "?server=search").text
      #expect(all.contains("pay/ments"))
      #expect(one.contains("search"))
      #expect(!one.contains("pay/ments"))
    }
  }

  @Test(arguments: [
    (#"{"all":true}"#, Command.replay(ReplayOrder(.all))),
    (#"{"all":true,"force":true}"#, .replay(ReplayOrder(.all, isForced: true))),
    (#"{"server":"search","force":null}"#, .replay(ReplayOrder(.server(ServerID("search"))))),
    (
      #"{"ids":["01990000-0000-7001-8000-000000000002"]}"#,
      .replay(ReplayOrder(.ids([DeadLetterID("01990000-0000-7001-8000-000000000002")])))
    ),
  ])
  func `a replay takes ids, a server or all`(body: String, command: Command) async {
    let console = Console()
    let answer = await console.post("/dead-letters/replay", body)
    #expect(
      answer.text
        == #"{"text":"1 delivered","replay":{"delivered":1,"failed":2,"unsafe":3,"taken":4,"#
        + #""unsendable":0,"planned":0,"left":0},"letters":null}"# + "\n")
    #expect(console.fleet.remembered.commands == [command])
  }

  @Test func `letters of a server that is configured no longer can be discarded`() async {
    let console = Console(FakeFleet(letters: [.example]))
    let answer = await console.post("/dead-letters/discard", #"{"server":"gone"}"#)
    #expect(answer.status == 200)
    #expect(console.fleet.remembered.commands == [.delete(.server(ServerID("gone")))])
  }

  @Test(arguments: [
    ("/dead-letters", DeadLetterSelection.all, ControlInterface.standardLetterLimit),
    ("/dead-letters?limit=7", .all, 7),
    ("/dead-letters?server=search&limit=1", .server(ServerID("search")), 1),
    ("/dead-letters.txt?server=gone", .server(ServerID("gone")), 100),
  ])
  func `dead letters are listed by server and up to a limit`(
    target: String, selection: DeadLetterSelection, limit: Int
  ) async {
    let console = Console(FakeFleet(letters: [.example]))
    let answer = await console.get(target)
    #expect(answer.status == 200)
    #expect(answer.text.contains("01990000-0000-7001-8000-000000000002"))
    #expect(console.fleet.remembered.listings.map(\.selection) == [selection])
    #expect(console.fleet.remembered.listings.map(\.limit) == [limit])
  }

  @Test func `a tool is called with its arguments, deadline and client`() async throws {
    let console = Console()
    let answer = await console.post(
      "/calls",
      #"{"server":"search","tool":"find","arguments":{"q":1.50},"timeoutSeconds":2.5,"#
        + #""client":"agent"}"#)
    let call = try #require(console.fleet.remembered.calls.first)
    #expect(call.method == "tools/call")
    #expect(call.target == "find")
    #expect(call.params.text == #"{"name":"find","arguments":{"q":1.50}}"#)
    #expect(call.deadline == Console.now + .milliseconds(2500))
    #expect(call.client == "agent")
    #expect(call.origin == .cli)
    #expect(call.id == Console.callID)
    let outcome = try answer.document()
    #expect(outcome.member("id")?.string == Console.callID.description)
    #expect(outcome.member("kind")?.string == "success")
  }

  @Test(arguments: [
    (
      #"{"server":"search","tool":"find"}"#, "tools/call", "find",
      #"{"name":"find","arguments":{}}"#
    ),
    (#"{"server":"search","method":"ping"}"#, "ping", nil, "{}"),
    (
      #"{"server":"search","method":"resources/read","params":{"uri":"a:b"}}"#,
      "resources/read", "a:b", #"{"uri":"a:b"}"#
    ),
    (
      #"{"server":"search","method":"tools/call","params":{"name":"t"}}"#, "tools/call", "t",
      #"{"name":"t"}"#
    ),
  ])
  func `a call needs no more than a server and a tool or method`(
    body: String, method: String, target: String?, params: String
  ) async throws {
    let console = Console()
    #expect(await console.post("/calls", body).status == 200)
    let call = try #require(console.fleet.remembered.calls.first)
    #expect(call.method == method)
    #expect(call.target == target)
    #expect(call.params.text == params)
    #expect(call.deadline == nil)
    #expect(call.client == "mcpdash")
  }
}
