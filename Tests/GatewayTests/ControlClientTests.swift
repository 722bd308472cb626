import FleetModel
import Gateway
import Testing

@Suite struct ControlClientTests {
  @Test(arguments: [
    ControlRequest.engine, .metrics, .snapshot(.json), .snapshot(.text(columns: 80)),
    .servers(.json), .servers(.text(columns: 80)), .breakers(.json), .breakers(.text(columns: 80)),
    .deadLetters(.all, limit: 5, .json), .deadLetters(.all, limit: 5, .text(columns: 80)),
    .deadLetters(.server(ServerID("pay/ments ü")), limit: 5, .json),
    .deadLetters(.ids([DeadLetterID("a,b&c=d ü")]), limit: 5, .json), .deadLetterCount(.all),
    .deadLetterExport(.all, after: DeadLetterCursor(after: .example), limit: 5),
    .deadLetterStatistics(.json), .deadLetterStatistics(.text(columns: 80)), .replays,
    .cache(of: nil, .json),
    .cache(of: ServerID("pay/ments ü"), .text(columns: 80)), .statistics(of: nil, .json),
    .statistics(of: ServerID("pay/ments ü"), .text(columns: 80)),
  ])
  func `every question that is built is answered`(request: ControlRequest) async throws {
    let answer = await Console().interface.answer(request)
    #expect(try answer.checked() == answer.body)
  }

  @Test(arguments: [
    Command.override(ServerID("a%b/c?d&e=f ü"), BreakerOverride(.open, owner: "mcpdash")),
    .override(
      ServerID("a%b/c?d&e=f ü"),
      BreakerOverride(.closed, reason: "\"a\"\n\u{9B}ü", owner: "ü\u{1B}", timeToLive: .zero)),
    .override(
      ServerID("a%b/c?d&e=f ü"),
      BreakerOverride(.disabled, reason: "r", owner: "o", timeToLive: .seconds(7 * 86_400))),
    .resetBreaker(ServerID("a%b/c?d&e=f ü")), .reconnect(ServerID("a%b/c?d&e=f ü")),
    .invalidateCache(.all), .invalidateCache(.server(ServerID("a%b/c?d&e=f ü"))),
    .invalidateCache(.entry(ServerID("a%b/c?d&e=f ü"), #"tools/list {"cursor":"\u{0}"}"#)),
    .delete(.all), .discard(.all), .delete(.server(ServerID("a%b/c?d&e=f ü"))),
    .delete(.ids([DeadLetter.example.id, DeadLetterID(Console.callID)])),
    .discard(.ids([DeadLetterID("a,b&c=d ü\n")])),
    .delete(.matching(DeadLetterFilter(states: Set(DeadLetter.State.allCases)))),
    .replay(ReplayOrder(.all, isForced: true, owner: "ann")),
    .replay(
      ReplayOrder(
        .server(ServerID("a%b/c?d&e=f ü")), isDryRun: true, pace: nil, waitsForBreaker: true,
        owner: "ü\u{1B}")),
    .replay(
      ReplayOrder(
        .ids([DeadLetter.example.id]), pace: 0.25,
        arguments: JSONText(unchecked: Array(#"{"a": 1.50}"#.utf8)), token: Secret("t"),
        owner: "o")),
    .stopReplay(3), .stopReplay(nil),
  ])
  func `a command arrives as it was given, and its receipt comes back`(
    command: Command
  ) async throws {
    let console = Console(FakeFleet(servers: ["a%b/c?d&e=f ü"], letters: [.example]))
    let answer = await console.interface.answer(.perform(command))
    #expect(console.fleet.remembered.commands == [command])
    if case .replay = command {
      #expect(
        try answer.receipt()
          == CommandReceipt(
            text: "1 delivered",
            replay: ReplayCount(
              delivered: 1, failed: 2, unsafe: 3, taken: 4, unsendable: 5, planned: 6, left: 7)))
    } else {
      #expect(try answer.receipt() == CommandReceipt(text: "done"))
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `an override's time arrives to the nanosecond`(seed: UInt64) async {
    var random = SplitMix64(seed: seed)
    let limit = ControlOverride.timeToLiveLimit.nanoseconds
    let time = Duration.nanoseconds(Int64.random(in: 0...limit, using: &random))
    let command = Command.override(
      ServerID("search"), BreakerOverride(.open, owner: "o", timeToLive: time))
    let console = Console()
    _ = await console.interface.answer(.perform(command))
    #expect(console.fleet.remembered.commands == [command])
  }

  @Test(arguments: [
    (Reply.success(.emptyObject), ControlResponse.CallEnd.success, "{}"),
    (
      .toolError(JSONText(unchecked: Array(#"{"isError":true}"#.utf8))), .toolError,
      #"{"isError":true}"#
    ),
    (
      .protocolError(RPCError(code: -1, message: "no")), .protocolError,
      #"{"code":-1,"message":"no","data":null}"#
    ),
    (
      .failure(Failure(.connectionRefused, "no", delivery: .notSent)), .failure,
      #"{"kind":"refused","message":"no","delivery":"notSent","retryAfterSeconds":null}"#
    ),
  ])
  func `a call's end comes back with its detail`(
    reply: Reply, end: ControlResponse.CallEnd, detail: String
  ) async throws {
    let console = Console(FakeFleet(reply: reply))
    let answer = await console.interface.answer(
      .call(method: "ping", params: .emptyObject, on: ServerID("search"), timeout: .seconds(3)))
    let read = try answer.callEnd()
    #expect(read.end == end)
    #expect(read.detail.text == detail)
    #expect(console.fleet.remembered.calls.map(\.deadline) == [Console.now + .seconds(3)])
  }

  @Test func `a refusal comes back with the engine's words`() async {
    let answer = await Console().interface.answer(
      .call("t", arguments: .emptyObject, on: ServerID("serch")))
    #expect(
      throws: ControlClientError.refused(
        status: 404, message: "there is no server serch; there is search, pay/ments ü",
        known: ["search", "pay/ments ü"])
    ) { try answer.checked() }
  }

  @Test(arguments: [
    (502, "<html>"), (500, "{}"), (404, #"{"error":"no"}"#), (200, "hello"), (200, "{}"),
  ])
  func `an answer of something else is no receipt`(status: Int, body: String) {
    let answer = ControlResponse(
      status: status, contentType: "text/html", body: Array(body.utf8))
    #expect(throws: ControlClientError.unexpectedAnswer(status: status)) { try answer.receipt() }
    #expect(throws: ControlClientError.unexpectedAnswer(status: status)) { try answer.callEnd() }
  }

  @Test func `a hostile engine's words are cleaned`() {
    let answer = ControlResponse(
      status: 500, contentType: "application/json",
      body: Array(#"{"error":{"message":"a\u001b[2Jb","known":["\u009bx"]}}"#.utf8))
    #expect(
      throws: ControlClientError.refused(
        status: 500, message: "a\u{FFFD}[2Jb", known: ["\u{FFFD}x"])
    ) { try answer.checked() }
  }
}
