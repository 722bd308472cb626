import FleetModel
import Gateway
import Telemetry
import TestInputs
import Testing
import Wire

/// What is asked of dead letters over the control interface, and what is done to them.
@Suite struct ControlLetterTests {
  private static let letter = DeadLetterID("01990000-0000-7001-8000-000000000002")
  private static let any = Set(DeadLetter.State.allCases)
  private static let now = FakeFleet.wallClock

  // MARK: Lists

  @Test(arguments: [
    ("", DeadLetterSelection.all), ("state=any", .matching(DeadLetterFilter(states: any))),
    ("state=done&state=discarded", .matching(DeadLetterFilter(states: [.done, .discarded]))),
    ("state=done,pending", .matching(DeadLetterFilter(states: [.done, .pending]))),
    ("server=search&client=agent", .matching(filter { $0.client = "agent" })),
    ("server=search&operation=call_tool", .matching(filter { $0.operation = "tools/call" })),
    ("server=search&operation=list_tools", .matching(filter { $0.operation = "tools/list" })),
    ("server=search&tool=a%26b", .matching(filter { $0.target = "a&b" })),
    ("server=search&kind=no%20such%20host", .matching(filter { $0.kind = "no such host" })),
    (
      "delivery=notSent,not-sent,EXECUTED",
      .matching(DeadLetterFilter(deliveries: [.notSent, .executed]))
    ),
    (
      "since=15m&before=2026-11-21T03:04:05.678Z",
      .matching(DeadLetterFilter(since: now + .seconds(-900), before: now))
    ),
    ("since=1d2h", .matching(DeadLetterFilter(since: now + .seconds(-93_600)))),
    ("text=%C3%BC", .matching(DeadLetterFilter(text: "ü"))),
    ("ids=a%2Cb&ids=c", .ids([DeadLetterID("a,b"), DeadLetterID("c")])),
  ])
  func `letters are listed, counted and exported by a whole filter`(
    query: String, selection: DeadLetterSelection
  ) async {
    for path in ["", ".txt", "/export", "/count"] {
      let console = Console(FakeFleet(letters: [.example]))
      let answer = await console.get("/dead-letters\(path)?\(query)")
      #expect(answer.status == 200, "\(answer.text)")
      #expect(console.fleet.remembered.listings.first?.selection == selection)
    }
  }

  private static func filter(_ change: (inout DeadLetterFilter) -> Void) -> DeadLetterFilter {
    var filter = DeadLetterFilter(server: ServerID("search"))
    change(&filter)
    return filter
  }

  @Test func `a list goes on where the last one ended`() async throws {
    let cursor = DeadLetterCursor(createdAt: Self.now, id: DeadLetterID("a&b ü"))
    let console = Console(FakeFleet(letters: [.example], next: cursor))
    let first = await console.get("/dead-letters?limit=7")
    let next = try #require(try first.document().member("next")?.string)
    #expect(try first.document().member("entries")?.elements.map(\.kind) == [.object])
    #expect(next == cursor.text)
    let read = try #require(DeadLetterCursor(next))
    _ = await console.interface.answer(.deadLetters(.all, after: read, limit: 7, .json))
    #expect(console.fleet.remembered.listings.map(\.after) == [nil, cursor])
    #expect(console.fleet.remembered.listings.map(\.limit) == [7, 7])
    let text = await console.get("/dead-letters.txt").text
    #expect(text.hasSuffix("\nThere are more: --after '\(cursor.text)'\n"))
  }

  @Test func `letters of a server that is configured no longer are listed, any other name is not`()
    async throws
  {
    let console = Console(FakeFleet(letters: [.example]))
    #expect(await console.get("/dead-letters?server=gone").status == 200)
    #expect(await console.post("/dead-letters/delete", #"{"server":"gone"}"#).status == 200)
    #expect(console.fleet.remembered.commands == [.delete(.server(ServerID("gone")))])
    let refused = await Console().get("/dead-letters?server=gone")
    #expect(refused.status == 404)
    #expect(try refused.errorList("known") == ["search", "pay/ments ü"])
    // A store without an engine knows no servers.
    #expect(await Console(FakeFleet(servers: [])).get("/dead-letters?server=a").status == 200)
  }

  @Test(arguments: [
    ("state=", "state", ""), ("state=lost", "state", "lost"),
    ("state=done&state=any", "state", "done,any"), ("delivery=sure", "delivery", "sure"),
    ("delivery=notSent,", "delivery", "notSent,"), ("since=soon", "since", "soon"),
    ("since=15", "since", "15"), ("before=15x", "before", "15x"),
    ("before=999999d", "before", "999999d"), ("server=", "server", ""), ("text=", "text", ""),
    ("after=x", "after", "x"), ("limit=0", "limit", "0"), ("limit=10001", "limit", "10001"),
    ("server=a&server=b", "server", "b"), ("serber=a", "serber", "a"),
    ("ids=a&server=search", "ids", "a"), ("ids=", "ids", ""),
  ])
  func `a wrong parameter of a list is named with its value and its cure`(
    query: String, field: String, value: String
  ) async throws {
    let console = Console()
    try ControlErrorTests().expectBadValue(
      await console.get("/dead-letters?\(query)"), field, value)
    #expect(console.fleet.remembered.listings.isEmpty)
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func `a filter arrives as it was given`(seed: UInt64) async {
    var random = SplitMix64(seed: seed)
    let selection = DeadLetterSelection.matching(.random(using: &random))
    let console = Console(FakeFleet(letters: [.example]))
    _ = await console.interface.answer(.deadLetters(selection, limit: 1, .json))
    _ = await console.interface.answer(.deadLetterExport(selection, after: nil, limit: 1))
    #expect(console.fleet.remembered.listings.map(\.selection) == [selection, selection])
    _ = await console.interface.answer(.perform(.delete(selection)))
    #expect(console.fleet.remembered.commands == [.delete(selection)])
  }

  // MARK: Orders

  @Test(arguments: [
    (#"{"all":true}"#, ReplayOrder(.all, owner: "control")),
    (#"{"all":true,"force":true}"#, ReplayOrder(.all, isForced: true, owner: "control")),
    (
      #"{"server":"search","force":null,"owner":"ann"}"#,
      ReplayOrder(.server(ServerID("search")), owner: "ann")
    ),
    (
      #"{"ids":["01990000-0000-7001-8000-000000000002"],"arguments":{"q":1},"token":"t"}"#,
      ReplayOrder(
        .ids([letter]), arguments: JSONText(unchecked: Array(#"{"q":1}"#.utf8)),
        token: Secret("t"), owner: "control")
    ),
    (
      #"{"state":["pending"],"kind":"503","dryRun":true,"pace":0,"waitForBreaker":true}"#,
      ReplayOrder(
        .matching(DeadLetterFilter(states: [.pending], kind: "503")), isDryRun: true, pace: nil,
        waitsForBreaker: true, owner: "control")
    ),
    (
      #"{"delivery":"notSent,refused","pace":0.5}"#,
      ReplayOrder(
        .matching(DeadLetterFilter(deliveries: [.notSent, .refused])), pace: 0.5,
        owner: "control")
    ),
  ])
  func `a replay takes ids, a filter or all, and how it is to go`(
    body: String, order: ReplayOrder
  ) async {
    let console = Console()
    let answer = await console.post("/dead-letters/replay", body)
    #expect(
      answer.text
        == #"{"text":"1 delivered","replay":{"delivered":1,"failed":2,"unsafe":3,"taken":4,"#
        + #""unsendable":5,"planned":6,"left":7},"letters":null}"# + "\n")
    #expect(console.fleet.remembered.commands == [.replay(order)])
  }

  @Test func `discarding marks, deleting deletes, and stopping names a replay`() async {
    let console = Console()
    for (path, body) in [
      ("discard", #"{"all":true}"#), ("delete", #"{"all":true}"#),
      ("replay/stop", #"{"number":3}"#), ("replay/stop", #"{"all":true}"#),
    ] {
      #expect(await console.post("/dead-letters/\(path)", body).status == 200)
    }
    #expect(
      console.fleet.remembered.commands == [
        .discard(.all), .delete(.all), .stopReplay(3), .stopReplay(nil),
      ])
  }

  @Test(arguments: [
    ("", "body", ""), ("{", "body", "{"), ("[1]", "body", "[1]"), ("\"all\"", "body", "\"all\""),
    ("{}", "body", "{}"), (#"{"all":true,"server":"a"}"#, "body", #"{"all":true,"server":"a"}"#),
    (#"{"ids":["a"],"kind":"503"}"#, "body", #"{"ids":["a"],"kind":"503"}"#),
    (#"{"all":false}"#, "all", "false"), (#"{"all":"yes"}"#, "all", "\"yes\""),
    (#"{"server":7}"#, "server", "7"), (#"{"server":""}"#, "server", "\"\""),
    (#"{"ids":[]}"#, "ids", "[]"), (#"{"ids":"x"}"#, "ids", "\"x\""),
    (#"{"ids":["01990000-0000-7001-8000-000000000002",5]}"#, "ids", "5"),
    (#"{"ids":[""]}"#, "ids", "\"\""), (#"{"state":["pending","lost"]}"#, "state", "lost"),
    (#"{"delivery":[7]}"#, "delivery", "[7]"), (#"{"since":"soon"}"#, "since", "\"soon\""),
    (#"{"since":5}"#, "since", "5"), (#"{"all":true,"forse":true}"#, "forse", "true"),
  ])
  func `a wrong choice of dead letters is named with its value and its cure`(
    body: String, field: String, value: String
  ) async throws {
    let console = Console()
    for path in ["replay", "discard", "delete"] {
      let answer = await console.post("/dead-letters/\(path)", body)
      // A list that has a wrong word is shown whole.
      let shown = field == "state" ? #"["pending","lost"]"# : value
      try ControlErrorTests().expectBadValue(answer, field, shown)
    }
    #expect(console.fleet.remembered.commands.isEmpty)
  }

  @Test(arguments: [
    ("replay", #"{"all":true,"force":1}"#, "force", "1"),
    ("replay", #"{"all":true,"pace":-1}"#, "pace", "-1"),
    ("replay", #"{"all":true,"pace":1001}"#, "pace", "1001"),
    ("replay", #"{"all":true,"pace":0.01}"#, "pace", "0.01"),
    ("replay", #"{"all":true,"arguments":{}}"#, "arguments", ""),
    ("replay", #"{"ids":["a","b"],"arguments":{}}"#, "arguments", ""),
    ("replay", #"{"ids":["a"],"arguments":[]}"#, "arguments", "[]"),
    ("replay", #"{"all":true,"token":7}"#, "token", ""),
    ("replay/stop", "{}", "body", "{}"), ("replay/stop", #"{"number":0}"#, "number", "0"),
    ("replay/stop", #"{"number":1.5}"#, "number", "1.5"),
    ("replay/stop", #"{"number":1,"all":true}"#, "body", #"{"number":1,"all":true}"#),
    ("discard", #"{"all":true,"force":true}"#, "force", "true"),
  ])
  func `a wrong order is named with its value and its cure`(
    path: String, body: String, field: String, value: String
  ) async throws {
    let console = Console()
    try ControlErrorTests().expectBadValue(
      await console.post("/dead-letters/\(path)", body), field, value)
    #expect(console.fleet.remembered.commands.isEmpty)
  }

  @Test func `how far replays are can be asked, by whom and above which number`() async throws {
    let replays = [1, 2, 3, 4].map { number in
      ReplaySnapshot(
        number: number, owner: number == 4 ? "bob" : "ann", startedAt: Self.now, total: 9,
        count: ReplayCount(delivered: 2, failed: 1, taken: 1),
        waitsFor: number == 3 ? ServerID("search") : nil)
    }
    let console = Console(FakeFleet(replays: replays))
    let answer = await console.interface.answer(.replays)
    #expect(try answer.lastReplay() == 4)
    let ours = try #require(try answer.replay(of: "ann", above: 2))
    #expect(ours.number == 3)
    #expect(
      ours.words
        == "4 of 9: 2 delivered, 1 failed again, 1 left out; waits until the breaker of search"
        + " closes")
    #expect(try answer.replay(of: "ann", above: 3) == nil)
  }

  // MARK: Export and import

  @Test func `what is exported is taken in elsewhere as it was`() async throws {
    var letter = DeadLetter.example
    letter.params = JSONText(unchecked: Array("{\"name\":\"find\",\n \"arguments\":{}}".utf8))
    letter.state = .done
    var broken = DeadLetter.example
    broken.fault = "it is no JSON"
    let cursor = DeadLetterCursor(after: letter)
    let source = Console(FakeFleet(letters: [letter, broken], next: cursor))
    let page = try await source.interface.answer(
      .deadLetterExport(.all, after: nil, limit: 2)
    ).letterExport()
    #expect(page.next == cursor)
    #expect(page.unreadable == 1)
    #expect(page.letters.count == 1)
    #expect(!page.letters.joined().contains(UInt8(ascii: "\n")))
    let target = Console()
    let intake = try await target.interface.answer(.add(page.letters)).letterIntake()
    #expect(
      intake
        == DeadLetterIntake(
          new: 1, known: 2, expired: 3, dropped: 4, refused: [FakeFleet.refusal]))
    letter.params = JSONText(unchecked: Array("{\"name\":\"find\",  \"arguments\":{}}".utf8))
    #expect(target.fleet.remembered.added == [letter])
  }

  @Test(arguments: [
    ("", "body", ""), ("7", "body", "7"), ("[]", "body", "0 entries"), ("[7]", "[0]", "7"),
    (#"{"id":"a"}"#, "[0]", #"{"id":"a"}"#),
  ])
  func `what is no letter is not taken in, and named`(
    body: String, field: String, value: String
  ) async throws {
    let console = Console()
    try ControlErrorTests().expectBadValue(
      await console.post("/dead-letters", body), field, value)
    #expect(console.fleet.remembered.added.isEmpty)
  }
}
